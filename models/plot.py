"""Line, scatter and bar plots as SVG: axes, labels, a legend, and nothing that needs a library."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal
from xml.sax.saxutils import escape

import attrs

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 64, 56
_LEGEND_WIDTH = 118
_LINE_HEIGHT, _WORDS_WIDTH = 13.0, 90.0
"""Of the words beside a point, in pixels."""
_TICKS = 6
_COLOURS = ("#3366cc", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666")
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

Place = Callable[[float], float]
"""From a value to a pixel."""


@attrs.frozen
class Series:
    """Points of one name."""

    name: str
    points: tuple[tuple[float, float], ...]
    """Pairs of x and y; those that are not finite are left out."""
    labels: tuple[str, ...] = ()
    """Words beside the points, one for each; none for a line that needs none."""


@attrs.frozen
class Labels:
    """The words around a plot."""

    title: str
    x: str
    y: str


def line_plot(labels: Labels, series: Sequence[Series]) -> str:
    """Return the series as lines over common axes; y begins at zero where no value lies below."""
    return _plot(labels, series, "line")


def scatter_plot(labels: Labels, series: Sequence[Series]) -> str:
    """Return the series as points, each with its label; both axes begin at zero where no value lies below."""
    return _plot(labels, series, "scatter")


def bar_plot(labels: Labels, bars: Sequence[tuple[str, float]]) -> str:
    """Return one bar for each pair of name and value, its value above it; the axis begins at zero."""
    shown = [(name, value) for name, value in bars if math.isfinite(value)]
    ticks = _ticks(0.0, max((value for _, value in shown), default=1.0))
    y = _scale(ticks[0], ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    slot = (_WIDTH - _LEFT - _RIGHT) / max(1, len(shown))
    body: list[str] = []
    for number, (name, value) in enumerate(shown):
        left = _LEFT + slot * (number + 0.2)
        top = min(y(value), y(0.0))
        colour = _COLOURS[number % len(_COLOURS)]
        body.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{slot * 0.6:.1f}" height="{abs(y(0.0) - y(value)):.1f}" '
            f'fill="{colour}"/>'
        )
        middle = left + slot * 0.3
        body.append(_text(middle, top - 5, _number(value), anchor="middle"))
        body.append(_text(middle, _HEIGHT - _BOTTOM + 16, name, anchor="middle"))
    return _document(labels, [*_y_axis(ticks, y), *body])


def _plot(labels: Labels, series: Sequence[Series], shape: Literal["line", "scatter"]) -> str:
    points = [point for one in series for point in one.points if all(map(math.isfinite, point))]
    across, up = [x for x, _ in points] or [0.0, 1.0], [y for _, y in points] or [0.0, 1.0]
    x_ticks = _ticks(min(0.0, *across) if shape == "scatter" else min(across), max(across))
    y_ticks = _ticks(min(0.0, *up), max(up))
    x = _scale(x_ticks[0], x_ticks[-1], _LEFT, _WIDTH - _RIGHT)
    y = _scale(y_ticks[0], y_ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    body: list[str] = []
    for number, one in enumerate(series):
        colour = _COLOURS[number % len(_COLOURS)]
        body += _line(one, x, y, colour) if shape == "line" else _dots(one, x, y, colour)
        body += _legend(number, one.name, colour) if one.name else []
    body += _words_beside(series, x, y) if shape == "scatter" else []
    return _document(labels, [*_x_axis(x_ticks, x), *_y_axis(y_ticks, y), *body])


def _line(one: Series, x: Place, y: Place, colour: str) -> list[str]:
    finite = [point for point in one.points if all(map(math.isfinite, point))]
    path = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in finite)
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'] if path else []


def _dots(one: Series, x: Place, y: Place, colour: str) -> list[str]:
    finite = [point for point in one.points if all(map(math.isfinite, point))]
    return [f'<circle cx="{x(across):.1f}" cy="{y(up):.1f}" r="5" fill="{colour}"/>' for across, up in finite]


def _words_beside(series: Sequence[Series], x: Place, y: Place) -> Iterable[str]:
    """Yield each point's words, on the side where there is room and below those that are in the way."""
    labelled = [(point, words) for one in series for point, words in zip(one.points, one.labels, strict=False)]
    placed: list[tuple[float, float]] = []
    for (across, up), words in sorted(labelled, key=lambda each: -each[0][1]):
        if not (math.isfinite(across) and math.isfinite(up)):
            continue
        shift, anchor = (-9.0, "end") if x(across) > _WIDTH * 0.75 else (9.0, "start")
        left, top = x(across) + shift, y(up) + 4
        in_the_way = [other for beside, other in placed if abs(beside - left) < _WORDS_WIDTH]
        while any(abs(other - top) < _LINE_HEIGHT for other in in_the_way):
            top += 1.0
        placed.append((left, top))
        yield _text(left, top, words, anchor=anchor)


def _legend(number: int, name: str, colour: str) -> list[str]:
    left, top = _LEFT + _LEGEND_WIDTH * number, _TOP - 14
    swatch = f'<rect x="{left}" y="{top - 9}" width="10" height="10" fill="{colour}"/>'
    return [swatch, _text(left + 16, top, name)]


def _x_axis(ticks: Sequence[float], x: Place) -> Iterable[str]:
    for tick in ticks:
        yield _text(x(tick), _HEIGHT - _BOTTOM + 16, _number(tick), anchor="middle")


def _y_axis(ticks: Sequence[float], y: Place) -> Iterable[str]:
    for tick in ticks:
        yield f'<path d="M{_LEFT} {y(tick):.1f}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>'
        yield _text(_LEFT - 8, y(tick) + 4, _number(tick), anchor="end")


def _document(labels: Labels, body: Iterable[str]) -> str:
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    turned = f'transform="rotate(-90 18 {_HEIGHT / 2:g})"'
    frame = f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" fill="none" stroke="#333333"/>'
    words = [
        _text(middle, 24, labels.title, anchor="middle", size=15),
        _text(middle, _HEIGHT - 14, labels.x, anchor="middle"),
        _text(18, _HEIGHT / 2, labels.y, anchor="middle", more=turned),
    ]
    style = 'font-family="sans-serif" font-size="12" fill="#222222"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {style}>'
    paper = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    return "\n".join([opening, paper, *body, frame, *words, "</svg>\n"])


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, more: str = "") -> str:  # noqa: PLR0913
    plain = escape(words)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" {more}>{plain}</text>'


def _scale(low: float, high: float, first: float, last: float) -> Place:
    """Return what takes `low` to the pixel `first` and `high` to `last`."""
    span = high - low or 1.0
    return lambda value: first + (value - low) / span * (last - first)


def _ticks(low: float, high: float) -> list[float]:
    """Return round values, a step apart, from at or below `low` to at or above `high`."""
    span = high - low or abs(high) or 1.0
    rough = span / (_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _number(value: float) -> str:
    """Return at most four digits, without idle zeros."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - four digits
