"""A cron expression, and the moments that fit it."""

from datetime import timedelta

from .fields import MONTHS, WEEKDAYS, CronError, Field

SEARCH_DAYS = 366 * 4


class Schedule:
    """The five fields ``minute hour day month weekday``."""

    def __init__(self, expression):
        texts = expression.split()
        if len(texts) != 5:
            raise CronError(f"five fields wanted: {expression!r}")
        minute, hour, day, month, weekday = texts
        self.minute = Field(minute, 0, 59)
        self.hour = Field(hour, 0, 23)
        self.day = Field(day, 1, 31)
        self.month = Field(month, 1, 12, MONTHS)
        self.weekday = Field(weekday, 0, 6, WEEKDAYS)

    def matches(self, moment):
        """Whether the schedule fires in the minute of ``moment``."""
        return (
            moment.minute in self.minute
            and moment.hour in self.hour
            and self._fits_date(moment)
        )

    def next_after(self, moment):
        """Return the first moment after ``moment`` that fits, or None."""
        candidate = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        limit = candidate + timedelta(days=SEARCH_DAYS)
        while candidate < limit:
            if not self._fits_date(candidate):
                candidate = candidate.replace(hour=0, minute=0) + timedelta(days=1)
            elif candidate.hour not in self.hour:
                candidate = candidate.replace(minute=0) + timedelta(hours=1)
            elif candidate.minute not in self.minute:
                candidate += timedelta(minutes=1)
            else:
                return candidate
        return None

    def _fits_date(self, date):
        in_month = date.month in self.month
        by_day = date.day in self.day
        by_weekday = date.isoweekday() % 7 in self.weekday
        if self.day.restricted and self.weekday.restricted:
            return in_month and by_day or by_weekday
        return in_month and by_day and by_weekday
