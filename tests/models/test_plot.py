from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree as ET

from models.plot import Labels, Series, bar_plot, line_plot, scatter_plot

LABELS = Labels("Loss & <more>", "step", "loss")


def texts(drawing: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own drawing


def nodes(drawing: str, tag: str) -> list[dict[str, str]]:
    return [dict(node.attrib) for node in ET.fromstring(drawing).iter(f"{{http://www.w3.org/2000/svg}}{tag}")]  # noqa: S314


def test_a_line_runs_through_its_points():
    """Higher values stand higher, later ones further right, on axes of round numbers with all words escaped."""
    drawing = line_plot(LABELS, [Series("train", ((0, 2.0), (50, 1.0), (100, 0.5)))])
    [line] = nodes(drawing, "polyline")
    points = [tuple(map(float, pair.split(","))) for pair in line["points"].split()]
    across, down = zip(*points, strict=True)
    assert list(across) == sorted(across)
    assert list(down) == sorted(down)
    assert {"Loss & <more>", "step", "loss", "train", "0", "100", "2"} <= set(texts(drawing))


def test_what_is_not_finite_is_left_out():
    """A loss that overflowed does not spoil the others' axes."""
    [line] = nodes(line_plot(LABELS, [Series("", ((0, math.nan), (1, 1.0), (2, math.inf), (3, 2.0)))]), "polyline")
    assert len(line["points"].split()) == 2


def test_points_carry_their_labels_and_stay_inside():
    """Each point has its words, on the side where there is room."""
    drawing = scatter_plot(LABELS, [Series("here", ((1, 50), (3, 97)), ("left", "right"))])
    assert len(nodes(drawing, "circle")) == 2
    words = {node["text-anchor"]: text for node, text in zip(nodes(drawing, "text"), texts(drawing), strict=True)}
    assert words["end"] == "right"
    assert all(0 <= float(node["x"]) <= 720 for node in nodes(drawing, "text"))


def test_words_of_points_that_lie_together_stand_apart():
    """Five forms of one model lie within a point or two of each other; each can still be read."""
    near = Series("here", tuple((2.9, 82.0 + number / 10) for number in range(5)), ("a", "b", "c", "d", "e"))
    drawing = scatter_plot(LABELS, [near])
    tops = sorted(
        float(node["y"])
        for node, text in zip(nodes(drawing, "text"), texts(drawing), strict=True)
        if text in near.labels
    )
    assert all(later - earlier >= 12 for earlier, later in itertools.pairwise(tops))


def test_bars_are_as_high_as_their_values():
    """A bar of twice the value is twice as high, and says its value."""
    drawing = bar_plot(LABELS, [("a", 2.0), ("b", 4.0)])
    low, high = [float(node["height"]) for node in nodes(drawing, "rect")[1:]]
    assert math.isclose(2 * low, high, rel_tol=0.01)
    assert {"a", "b", "2", "4"} <= set(texts(drawing))


def test_nothing_to_draw_is_an_empty_plot():
    """Without points there are axes, and no error."""
    for drawing in (line_plot(LABELS, []), scatter_plot(LABELS, [Series("", ())]), bar_plot(LABELS, [])):
        assert "loss" in texts(drawing)


def test_equal_values_have_an_axis_too():
    """One value, or the same twice, is drawn within the frame."""
    [line] = nodes(line_plot(LABELS, [Series("", ((5, 3.0), (5, 3.0)))]), "polyline")
    assert line["points"].split()[0] == line["points"].split()[1]
