"""Published and independently computed values of E[T]: every figure of the tables, to its last digit."""

from __future__ import annotations

import math

import pytest

from theory import RLS, DynamicBinVal, Jump, LeadingOnes, Needle, OneMax, OnePlusOneEA, PartiallyOrderedEA, Plateau, c, exact, n

EA = OnePlusOneEA(c / n)
PESSIMIST, DYNAMIC = EA.on(PartiallyOrderedEA()), EA.on(DynamicBinVal())


def agrees(value: float, text: str) -> bool:
    """Whether a value is a printed number, up to one unit of its last digit."""
    digits = text.lstrip("0.").replace(".", "")
    return abs(value - float(text)) <= 1.01 * 10 ** (math.floor(math.log10(float(text))) + 1 - len(digits))


@pytest.mark.parametrize(
    ("size", "constant", "printed"),
    [
        (10, 1, "63.56613186"),
        (20, 1, "199.7670405"),
        (50, 1, "844.7008069"),
        (100, 1, "2443.657974"),
        (200, 1, "6981.197054"),
        (400, 1, "19809.72738"),
        (800, 1, "56015.64656"),
        (100, "0.5", "1553.725"),
        (100, "0.8", "1644.0876"),
        (100, "1.1", "3861.1077"),
        (50, "1.2", "1656.8265"),
        (100, "1.2", "9193.6043"),
        (200, "1.2", "124621.12"),
        (400, "1.2", "16837773"),
    ],
)
def test_partially_ordered_ea(size, constant, printed):
    assert agrees(exact.expected_runtime(PESSIMIST, n=size, c=constant), printed)
    assert agrees(float(exact.expected_runtime_interval(PESSIMIST, n=size, c=constant, bits=64).mid()), printed)


def test_partially_ordered_ea_from_all_zeros():
    assert agrees(exact.expected_runtime(PESSIMIST, n=10, c=1, start="zeros"), "72.51933184")


def test_the_pessimist_grows_like_n_to_three_halves():
    printed = {10: "2.0101", 20: "2.2335", 50: "2.3892", 100: "2.4437", 200: "2.4682", 400: "2.4762", 800: "2.4756"}
    times = {size: exact.expected_runtime(PESSIMIST, n=size, c=1) for size in printed}
    assert all(agrees(times[size] / size**1.5, text) for size, text in printed.items())
    assert agrees(math.log2(times[800] / times[400]), "1.4996")


@pytest.mark.parametrize(
    ("size", "constant", "printed"),
    [
        (10, 1, "51.969754"),
        (50, 1, "512.69724"),
        (100, 1, "1265.1739"),
        (400, 1, "7064.956"),
        (100, "1.4", "1682.3278"),
        (100, "1.59362426", "2292.9399"),
        (400, "1.59362426", "18529.361"),
        (50, 2, "1932.7302"),
        (100, 2, "12336.647"),
        (200, 2, "242319.66"),
        (400, 2, "72298872"),
    ],
)
def test_dynamic_binval(size, constant, printed):
    assert agrees(exact.expected_runtime(DYNAMIC, n=size, c=constant), printed)
    assert agrees(float(exact.expected_runtime_interval(DYNAMIC, n=size, c=constant, bits=64).mid()), printed)


@pytest.mark.parametrize(
    ("size", "gap", "rate", "printed"),
    [
        (10, 2, "1/n", "244.8429396"),
        (10, 2, "2/n", "158.71306"),
        (10, 3, "1/n", "2093.942668"),
        (10, 3, "3/n", "453.5348571"),
        (20, 2, "1/n", "1061.356522"),
        (20, 2, "2/n", "715.282969"),
        (20, 3, "1/n", "19172.99197"),
        (20, 3, "3/n", "4730.74375"),
    ],
)
def test_jump(size, gap, rate, printed):
    process = OnePlusOneEA(rate).on(Jump(gap))
    assert agrees(exact.expected_runtime(process, n=size), printed)
    assert agrees(float(exact.expected_runtime_interval(process, n=size).mid()), printed)


@pytest.mark.parametrize(
    ("size", "radius", "value"), [(10, 2, 111.19614312307982), (20, 2, 435.0154296532359), (20, 3, 2247.8549460393883)]
)
def test_plateau(size, radius, value):
    process = EA.on(Plateau(radius))
    fraction = exact.expected_runtime(process, n=size, c=1, rational=True)
    assert float(fraction) == pytest.approx(value, rel=1e-11)  # the table was solved in double precision
    assert exact.expected_runtime(process, n=size, c=1) == pytest.approx(float(fraction), rel=1e-14)


@pytest.mark.parametrize(("size", "rate", "printed"), [(5, "1/5", "47.7089037818"), (10, "1/10", "1654.60885157")])
def test_needle(size, rate, printed):
    assert agrees(exact.expected_runtime(OnePlusOneEA(rate).on(Needle()), n=size), printed)


@pytest.mark.parametrize(
    ("size", "constant", "mean", "deviation", "from_zeros"),
    [
        (10, "0.5", "65.18619267", "37.42152093", "80.45977026"),
        (10, 1, "47.98659391", "29.2044746", "56.1434353"),
        (10, 2, "55.68185543", "39.6321481", "60.01241963"),
        (100, "0.5", "1391.63154", "415.2600031", "1547.753915"),
        (100, 1, "1069.538497", "338.3291402", "1154.892268"),
        (100, 2, "1257.752795", "452.1707512", "1305.913476"),
        (1000, "0.5", "21489.78194", "4218.445685", "23054.3262"),
        (1000, 1, "16894.6893", "3470.551318", "17751.85883"),
        (1000, 2, "20761.84533", "4698.16323", "21247.82306"),
    ],
)
def test_onemax(size, constant, mean, deviation, from_zeros):
    process = EA.on(OneMax())
    first, variance = exact.runtime_moments(process, n=size, c=constant)
    assert agrees(first, mean) and agrees(variance**0.5, deviation)
    assert agrees(exact.expected_runtime(process, n=size, c=constant, start="zeros"), from_zeros)


@pytest.mark.parametrize(
    ("size", "constant", "printed"),
    [
        (10, "0.5", "127.3346883"),
        (10, 1, "84.05873959"),
        (10, 2, "83.13225746"),
        (100, "0.5", "12950.72826"),
        (100, 1, "8573.395181"),
        (100, 2, "8011.94844"),
        (1000, "0.5", "1297205.957"),
        (1000, 1, "858961.2871"),
        (1000, 2, "798882.6294"),
    ],
)
def test_leadingones(size, constant, printed):
    assert agrees(exact.expected_runtime(EA.on(LeadingOnes()), n=size, c=constant), printed)


@pytest.mark.parametrize(("size", "printed"), [(10, "67.64781173"), (100, "6795.264948"), (1000, "679569.8871")])
def test_leadingones_at_the_best_rate_of_each_level(size, printed):
    assert agrees(exact.expected_runtime(OnePlusOneEA("1/(v+1)").on(LeadingOnes()), n=size), printed)


@pytest.mark.parametrize(("size", "printed"), [(10, "22.359033978"), (100, "449.423033708"), (1000, "6792.323679990")])
def test_local_search_on_onemax(size, printed):
    assert agrees(exact.expected_runtime(RLS().on(OneMax()), n=size), printed)


def test_the_table_is_read_to_its_last_digit():
    assert agrees(63.566131864, "63.56613186") and not agrees(63.56613189, "63.56613186")
    assert agrees(16837772.6, "16837773") and not agrees(16837775.0, "16837773")
