"""The report is one page that needs no other: every claim is in it, every link leads somewhere, a phone shows it, any light."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import browser
import pytest

from driftproof import cli, report
from driftproof.formula import mathml, typeset
from proofs_check import claims, notation, plots
from proofs_check.checking import Report
from proofs_check.claim import Cell, Outcome
from proofs_check.figure import Figure, Series
from proofs_check.papers import PAPERS, WITH_CLAIMS

INF = float("inf")


def results():
    """The first claims of every paper with made-up outcomes: every verdict, every kind of picture, extreme numbers."""
    curve = tuple(float(x) for x in range(1, 60))
    up = tuple(x**2 for x in curve)
    figures = [
        Figure("n", "E[T] <= b", (
            Series("bound", "upper", (1.0, 10.0, 100.0), (2.0, 30.0, 400.0)), Series("other bound", "upper", (1.0,), (3.0,)),
            Series("exact", "exact", (1.0, 10.0, 100.0), (1.0, 20.0, 300.0)),
            Series("runs", "measured", (1.0, 10.0), (1.1, 19.0), (1.0, float("nan")), (1.2, INF)),
        ), log_x=True, log_y=True, title="a <title> & more"),
        Figure("t", "P[T > t]", (
            Series("rule A", "prediction", curve, up, curve, up), Series("rule A, runs", "measured", curve, up, curve, up),
            Series("rule B, runs", "measured", curve, up),
        )),
        Figure("n", "E[T]", (Series("beta", "other", (1e3, 1e3), (3.5, 3.5)), Series("runs", "measured", (1e3,), (3.0,))), True),
    ]  # fmt: skip
    cells = tuple(
        Cell(f"n = {i} <= {'very ' * 30}long", "consistent", i + 1.0, i + 0.9, (i + 0.5, INF), i + 0.8) for i in range(50)
    )
    outcomes = [
        Outcome("proved", "12 cases"),
        Outcome("certified", "x <= y", 2.0, exact=1.9, cells=(Cell("a", "certified", 2.0, exact=1.9),)),
        Outcome("consistent", "power 1", 5.0, 4.9, (4.8, INF), 0.99, 4.7, cells),
        Outcome("refuted", "too small", 1.0, 1e7, (9e6, 2e7), cells=(Cell("a", "refuted", 1.0, 1e7, (9e6, 2e7)),)),
        Outcome("inconclusive", "too few", 1.0, 1.0, None, figure=figures[2]), Outcome("failed", "OSError: <full>"),
        Outcome("consistent", "a curve", 1.0, 0.9, (0.8, 1.0), 1.0, figure=figures[0]),
        Outcome("consistent", "a curve", 1.0, 0.0, (0.0, 1.0), 1.0, figure=figures[1]),
        Outcome("consistent", "nothing to divide by", 0.0, 0.0, (0.0, 0.0), 1.0, cells=(Cell("a", "consistent", 0.0, 0.0),)),
    ]  # fmt: skip
    every = claims()
    first = [next(claim for claim in every if claim.paper == paper) for paper in dict.fromkeys(claim.paper for claim in every)]
    chosen = [*first, *(claim for claim in every if claim not in first)][: len(outcomes)]
    made = [claim.result("quick", outcome, 0.1) for claim, outcome in zip(chosen, outcomes)]
    long = replace(
        made[2].claim, formula=r"E[T] \le " + r" + ".join(rf"\frac{{n^{i}}}{{{i}}}" for i in range(1, 60)), where="n < m"
    )
    made[2] = replace(made[2], claim=long)
    return sorted(made, key=lambda result: PAPERS.index(result.claim.paper))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of these claims, and its file."""
    text = report.page(Report(tuple(results()), "quick"), "driftproof report")
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(text, encoding="utf-8")
    return text, path


class Parsed(HTMLParser):
    """Tags that are closed in order, ids, links, and all that a browser would fetch."""

    VOID = {"meta", "br", "hr", "img", "input", "link"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.fetched, self.text = [], [], [], [], ""
        self.tags = Counter()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.tags[tag] += 1
        if tag not in self.VOID:
            self.open.append(tag)
        self.handle_startendtag(tag, attrs, count=False)

    def handle_startendtag(self, tag, attrs, count=True):
        self.tags[tag] += count
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name == "href":
                self.links.append(value)
            elif name in ("src", "srcset", "action", "poster", "data", "xlink:href", "background"):
                self.fetched.append(value)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


def test_the_page_is_well_formed_and_its_links_stay_within(page):
    parsed = Parsed(page[0])
    assert len(set(parsed.ids)) == len(parsed.ids) and not parsed.fetched
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(parsed.tags)
    assert parsed.links and {link.removeprefix("#") for link in parsed.links} <= set(parsed.ids)
    assert all(link.startswith("#") for link in parsed.links)
    assert all(address.startswith("#") for address in re.findall(r"url\(['\"]?([^)]*)", page[0]))
    assert "http" not in page[0] and "@import" not in page[0]


def test_every_claim_is_there_with_its_verdict_in_words_its_picture_and_its_command(page):
    parsed = Parsed(page[0])
    for result in results():
        assert result.claim.id in parsed.ids and f"#{result.claim.id}" in parsed.links
        assert f'<article class="claim" id="{result.claim.id}" data-verdict="{result.verdict}">' in page[0]
        assert page[0].count(result.command) == 1
        card = page[0].split(f'<article class="claim" id="{result.claim.id}"')[1].split("</article>")[0]
        assert f'<span class="pill {result.verdict}">{result.verdict}</span>' in card
        assert card.count("<svg role=") == plots.drawable(result.outcome)
        assert card.count("<math ") == bool(result.claim.formula)
        assert result.claim.source.split(",")[0] in card
    assert "9 claims: 1 proved, 1 certified, 4 consistent, 1 inconclusive, 1 failed, 1 refuted" in parsed.text
    assert all(WITH_CLAIMS[result.claim.paper].title in parsed.text for result in results())
    assert "OSError: <full>" in parsed.text and "predicted / exact" in parsed.text


def test_drawings_take_the_colours_of_the_page(page):
    drawings = re.findall(r"<svg role=.*?</svg>", page[0], flags=re.DOTALL)
    assert drawings and all("currentColor" in drawing for drawing in drawings)
    fixed = {colour.lower() for drawing in drawings for colour in re.findall(r"#[0-9a-fA-F]{6}\b", drawing)}
    assert fixed <= {"#888888", *plots.SERIES}  # the grid, and colours that are seen on white and on black


def test_a_drawn_point_lies_where_its_number_says():
    """The only point of a claim, 0.9 over 1: on an axis from which it can be read off."""
    from matplotlib.figure import Figure as Canvas

    axis = Canvas().subplots()
    plots.draw(Outcome("consistent", "", 2.0, 1.8, (1.7, 2.1), cells=(Cell("", "consistent", 2.0, 1.8, (1.7, 2.1), 1.9),)), axis)
    line, interval, point, exact = axis.lines
    assert list(line.get_xdata()) == [1.0, 1.0]
    assert list(interval.get_xdata()) == [0.85, 1.05] and list(point.get_xdata()) == [0.9] and list(exact.get_xdata()) == [0.95]
    low, high = axis.get_xlim()
    assert low < 0.85 and high > 1.05


def test_what_is_about_one_thing_has_one_colour():
    x = (1.0, 2.0)
    named = [("mean field, c = 1", "prediction"), ("mean field, c = 4", "prediction"), ("runs, c = 1", "measured"),
             ("runs, c = 4", "measured"), ("limit", "other")]  # fmt: skip
    looks = plots._looks(Figure("n", "T", tuple(Series(label, kind, x, x) for label, kind in named)))
    one, four, runs_one, runs_four, limit = (colour for _, colour, _, _ in looks)
    assert one == runs_one != four == runs_four and limit == plots.COLOURS["other"]
    alone = plots._looks(Figure("n", "T", (Series("a, b", "upper", x, x), Series("a, c", "measured", x, x))))
    assert len({colour for _, colour, _, _ in alone}) == 1
    apart = plots._looks(Figure("n", "T", (Series("bound", "upper", x, x), Series("runs", "measured", x, x))))
    assert [colour for _, colour, _, _ in apart] == [plots.COLOURS["upper"], plots.COLOURS["measured"]]


def test_where_zero_is_predicted_values_are_drawn_as_they_are():
    from matplotlib.figure import Figure as Canvas

    outcome = Outcome("consistent", "", 0.0, -3.0, (-5.0, INF))
    axis = Canvas().subplots()
    plots.draw(outcome, axis)
    line, interval, point = axis.lines
    assert list(line.get_xdata()) == [0.0, 0.0] and list(point.get_xdata()) == [-3.0]
    assert interval.get_xdata()[0] == -5.0 and axis.get_xlabel() == "measured"
    assert claims()[0].result("quick", outcome, 0.0).ratio is None


@pytest.mark.filterwarnings("error")
def test_a_figure_of_one_place_has_an_axis():
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(layout="constrained")
    axis = canvas.subplots()
    plots.draw(next(result.outcome for result in results() if result.verdict == "inconclusive"), axis)
    canvas.draw_without_rendering()
    low, high = axis.get_xlim()
    assert low < 1000 < high and [label.get_text() for label in axis.get_xticklabels()] == ["1000"]


@pytest.mark.parametrize(
    ("latex", "words"), [(r"n \ln n", "n ln n"), (r"\ln(n)", "ln(n)"), (r"2 \ln\left(n\right)", "2 ln(n)"), (r"\ln^2 n", "ln2n")]
)
def test_ln_keeps_its_distance(latex, words):
    text = mathml(latex).replace('<mspace width="0.167em" />', " ")
    assert html.unescape(re.sub("<[^>]*>", "", text)) == words


def test_formulas_of_all_claims_are_rendered():
    children = {"mfrac": 2, "msup": 2, "msub": 2, "mover": 2, "munder": 2, "mroot": 2, "msubsup": 3, "munderover": 3}
    for claim in claims():
        if claim.formula:
            text = mathml(claim.formula)
            assert text.startswith("<math ") and "merror" not in text and "\\" not in text, claim.id
            for element in ElementTree.fromstring(text).iter():
                assert len(element) == children.get(element.tag, len(element)), (claim.id, element.tag)


def test_every_paper_with_claims_has_a_title():
    assert {claim.paper for claim in claims()} <= set(WITH_CLAIMS) <= set(PAPERS)


def test_what_stands_for_more_than_a_number_is_explained_where_it_stands():
    names = {letter.name for letter in notation.letters("E[T] >= E_OneMax(n, p) + C_1(c)", r"\prod (1 - p(s)) V_{LO}(v, p)")}
    assert names == {"E_OneMax(n, p)", "C_1(c)", "p(s)", "V_LO(v, p)"}
    assert notation.letters("E[T] <= n") == []
    assert notation.letters("E_1(x) <= W(t)", said="E_1(x) is an integral, W(t) Lambert's") == []
    assert [x.name for x in notation.letters("beta n ln n", paper="hidden-subset")] == ["alpha, beta"]
    assert notation.letters("steps of beta s", paper="drift-revisited") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("X_(t+1) <= x_0^2", "X<sub>t+1</sub> ≤ x<sub>0</sub><sup>2</sup>"),
        ("(1-d)^t e^-r 2^(n/2)", "(1-d)<sup>t</sup> e<sup>-r</sup> 2<sup>n/2</sup>"),
        ("e^W(t) e^(W(t)) n^2(n+1)", "e<sup>W(t)</sup> e<sup>W(t)</sup> n<sup>2</sup>(n+1)"),
        ("gamma_ij, epsilon, delta", "γ<sub>ij</sub>, epsilon, δ"),
    ],
)
def test_words_with_formulas_are_set_as_people_read_them(text, code):
    assert typeset(text) == code


# ---- the command


def test_the_command_writes_the_page_and_says_where(tmp_path, monkeypatch, capsys):
    decided = Report(tuple(result for result in results() if result.verdict == "consistent"), "quick")
    asked = {}
    monkeypatch.setattr("proofs_check.check", lambda **options: asked.update(options) or decided, raising=False)
    out = tmp_path / "out.html"
    store = tmp_path / "store"
    assert cli.main(["report", "--out", str(out), "--preset", "full", "--paper", "drift-revisited", "--store", str(store)]) == 0
    assert asked["preset"] == "full" and asked["paper"] == "drift-revisited" and asked["store"] == str(store)
    assert capsys.readouterr().out.splitlines() == ["4 claims: 4 consistent", f"the page: {out}"]
    assert "driftproof report --preset full --paper drift-revisited" in out.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert cli.main(["report", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out)}


def test_a_refuted_claim_gives_exit_status_1_and_a_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("proofs_check.check", lambda **options: Report(tuple(results()), "quick"), raising=False)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["report"]) == 1
    assert 'class="verdict refuted"' in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("out", "line"),
    [
        ("", "out: . is a folder; name a file in it"),
        ("no/x.html", "out: can't write no/x.html: No such file or directory"),
        ("x.pdf", "out: x.pdf would hold HTML, not pdf; name it x.html"),
    ],
)
def test_where_nothing_can_be_written_no_work_is_done(tmp_path, monkeypatch, capsys, out, line):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("proofs_check.check", lambda **options: pytest.fail("work was done"), raising=False)
    assert cli.main(["report", "--out", out]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"driftproof: {line}") and err.count("\n") == 1


def test_ctrl_c_while_claims_are_decided_writes_no_page(tmp_path, monkeypatch, capsys):
    def interrupted(**options):
        raise KeyboardInterrupt

    monkeypatch.setattr("proofs_check.check", interrupted, raising=False)
    assert cli.main(["report", "--out", str(tmp_path / "x.html")]) == 130
    assert not list(tmp_path.iterdir()) and "the same command goes on" in capsys.readouterr().err


# ---- in a browser


@pytest.fixture(scope="module")
def chromium():
    if browser.found() is None:
        pytest.skip("no Chromium here: the page is checked without one")
    with browser.Browser() as opened:
        yield opened


WIDER = """[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .formula, svg")
    && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + "." + e.className)"""
CONTRAST = """(() => {
  const light = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const page = light(getComputedStyle(document.body).backgroundColor);
  const ratio = colour => { const l = light(colour); return (Math.max(l, page) + 0.05) / (Math.min(l, page) + 0.05); };
  const all = [...document.querySelectorAll("p, td, dd, dt, li, h3, svg text, svg path, svg use")].flatMap(e => {
    const s = getComputedStyle(e); const svg = e.closest("svg");
    return (svg ? [s.stroke, e.tagName === "text" ? s.fill : "none"] : [s.color]).filter(c => c.startsWith("rgb(")); });
  const grid = "rgb(136, 136, 136)";
  return Math.min(...all.filter(c => c !== grid).map(ratio));
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser_it_logs_nothing_asks_for_nothing_and_fits(chromium, page, width, dark):
    chromium.open(page[1], width, dark)
    assert chromium.errors() == []
    assert chromium.requests() == [page[1].resolve().as_uri()]
    chromium.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert chromium.ask("document.documentElement.scrollWidth") == width
    assert chromium.ask(WIDER) == []
    assert chromium.ask(CONTRAST) >= 2.4  # lines; text in body colours has far more
    assert chromium.ask("getComputedStyle(document.body).backgroundColor") == (
        "rgb(21, 23, 26)" if dark else "rgb(253, 253, 252)"
    )
    assert chromium.ask("document.querySelector('math').getBoundingClientRect().height > 10")


def test_the_filter_shows_what_is_asked_for(chromium, page):
    chromium.open(page[1], 1280)
    choose = "document.querySelector('select[name=%s]').value = '%s'; document.forms[0].dispatchEvent(new Event('input'));"
    shown = "[...document.querySelectorAll('.claim')].filter(e => e.offsetParent).map(e => e.id).join()"
    assert len(chromium.ask(shown).split(",")) == 9
    for verdict in ("refuted", "consistent"):
        wanted = [result.claim.id for result in results() if result.verdict == verdict]
        assert chromium.ask(choose % ("verdict", verdict) + shown) == ",".join(wanted)
        assert chromium.ask("[...document.querySelectorAll('.summary td a')].filter(e => e.offsetParent).length") == len(wanted)
    paper = results()[0].claim.paper
    wanted = [r.claim.id for r in results() if (r.verdict, r.claim.paper) == ("consistent", paper)]
    assert chromium.ask(choose % ("paper", paper) + shown) == ",".join(wanted)
    assert chromium.errors() == []
