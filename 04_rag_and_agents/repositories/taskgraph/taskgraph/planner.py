"""Working out the order of tasks."""

from .errors import Cycle, TaskError


def plan(graph, *goals):
    """Return the tasks to run for ``goals``, each after all that it needs."""
    order = []
    done = set()
    path = []

    def visit(name):
        if name in done:
            return
        if name in path:
            raise Cycle(path[path.index(name):] + [name])
        path.append(name)
        for need in graph.needs(name):
            visit(need)
        path.pop()
        done.add(name)
        order.append(name)

    for goal in goals:
        visit(goal)
    return order


def stages(graph, *goals):
    """Return the same tasks in groups that can run side by side."""
    depth = {}
    for name in plan(graph, *goals):
        depth[name] = 1 + max((depth[need] for need in graph.needs(name)), default=-1)
    groups = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name, level in depth.items():
        groups[level].append(name)
    return groups


def check(graph):
    """Return a message for each task that cannot be planned."""
    problems = []
    for name in graph:
        try:
            plan(graph, name)
        except TaskError as error:
            problems.append(f"{name}: {error}")
    return problems
