"""What a claim's picture shows: prediction and measurement as data. Drawing is left to whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("prediction", "upper", "lower", "exact", "measured", "other")


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes
    ----------
    label : str
    kind : {"prediction", "upper", "lower", "exact", "measured", "other"}
        Predictions, bounds and exact values are drawn as lines, measurements as points with their intervals.
    x, y : tuple of float
    low, high : tuple of float, optional
        Confidence limits of each y.
    """

    label: str
    kind: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        assert self.kind in KINDS and len(self.x) == len(self.y)
        assert all(limits is None or len(limits) == len(self.x) for limits in (self.low, self.high))


@dataclass(frozen=True)
class Figure:
    """One picture: series over a common axis.

    Examples
    --------
    >>> line = Series("c exp(-c)", "prediction", (0.0, 1.0), (0.0, 0.3679))
    >>> Figure("c", "drift", (line, Series("runs", "measured", (1.0,), (0.37,), (0.36,), (0.38,)))).series[0].kind
    'prediction'
    """

    x: str
    y: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    title: str = ""
