"""Stock-keeping for a small warehouse."""

from .levels import Levels, Shortage
from .orders import Order
from .stocktake import changes
from .warehouse import Warehouse

__all__ = ["Levels", "Order", "Shortage", "Warehouse", "changes"]
