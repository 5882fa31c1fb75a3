"""Names and parameters as typed on a command line stand for the classes of theory; what is wrong is named."""

from fractions import Fraction

import pytest

from theory import RLS, Jump, LeadingOnes, Linear, OneMax, OnePlusOneEA, n, registry
from theory.errors import InputError


@pytest.mark.parametrize("name", ["onemax", "OneMax", "one-max", "ONE_MAX", " One Max "])
def test_case_hyphens_and_underscores_do_not_matter(name):
    assert registry.problem(name).key == OneMax().key


@pytest.mark.parametrize(
    ("text", "rate", "expected"),
    [
        ("one-plus-one-ea", "2/n", OnePlusOneEA(2 / n)),
        ("OnePlusOneEA(strict=true)", "2/n", OnePlusOneEA(2 / n, strict=True)),
        ("one-plus-one-ea(rate=Min(1/2, 2/n), strict=False)", None, OnePlusOneEA("Min(1/2, 2/n)")),
        ("rls", None, RLS()),
        ("rls(2)", None, RLS(2)),
        ("r-l-s( flips = 2 , strict=TRUE )", None, RLS(2, strict=True)),
    ],
)
def test_an_algorithm_is_built_with_its_parameters(text, rate, expected):
    assert registry.algorithm(text, rate).key == expected.key


def test_problems_are_built_with_their_parameters(tmp_path):
    assert registry.problem("leading-ones").key == LeadingOnes().key
    assert registry.problem("jump(gap=3)").key == registry.problem("Jump(3)").key == Jump(3).key
    file = tmp_path / "a,b (1).csv"
    file.write_text("weight\n0.1\n\n 0.2\n3e-1\n")
    quoted, plain = registry.problem(f'linear(weights=@"{file}")'), Linear(["0.1", "0.2", "0.3"])
    assert quoted.key == plain.key
    assert plain.key == registry.problem("linear(weights=[0.1, '0.2', 0.3])").key


def test_weights_from_a_file_are_decimal_numbers(tmp_path):
    file = tmp_path / "w.csv"
    file.write_text("0.1\n0.2\n0.3\n")
    assert registry.problem(f"linear(weights=@{file})").value([1, 1, 0]) == Fraction(3, 10)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("onemx", "problem: unknown name 'onemx'; did you mean OneMax?"),
        ("xyz", "known are BinVal, ConcatenatedTrap, "),
        ("custom", "problem: Custom wraps a compiled Python function"),
        ("jump", "gap: Jump needs it in brackets, e.g. 'jump(gap=3)'"),
        ("jump(gap=0)", "gap: 0 must be a positive integer"),
        ("jump(gap=2, gap=3)", "gap: given twice"),
        ("jump(2, gap=3)", "gap: given twice"),
        ("linear(weights=1, 2)", "weights: given twice for Linear; several values of one parameter stand in brackets"),
        ("jump(gab=3)", "problem: Jump has no parameter 'gab'; did you mean gap?"),
        ("jump(gap=)", "problem: 'jump(gap=)' has an empty parameter"),
        ("jump(gap=3", "is not a name with parameters in brackets"),
        ("jump(gap=3))", "brackets in 'jump(gap=3))' don't match"),
        ("jump(gap=[3)", "brackets in 'jump(gap=[3)' don't match"),
        ("jump(gap='3)", "quotes in \"jump(gap='3)\" don't match"),
        ("jump(gap=__import__('os').getpid())", "gap: \"__import__('os').getpid()\" must be a positive integer"),
        ("onemax(3)", "OneMax has no parameter '3'; it takes no parameters"),
        ("", "problem: '' is not a name"),
        ("linear", "weights: Linear needs it in brackets, e.g. 'linear(weights=@w.csv)'"),
        ("linear(weights=[])", "weights: is empty"),
        ("linear(weights=[1, 0])", "weights: weight 1 (counted from 0) is zero"),
        ("linear(weights=[1, nan])", "weights: weight 1 (counted from 0) is nan"),
        ("linear(weights=[1, os.getpid()])", "weights: weight 1 (counted from 0) is 'os.getpid()', not a number"),
        ("linear(weights=@/no/such.csv)", "weights: can't read /no/such.csv: No such file"),
        ("linear(weights=@/)", "weights: can't read /: Is a directory"),
    ],
)
def test_a_wrong_problem_is_named(text, line):
    with pytest.raises(InputError) as caught:
        registry.problem(text)
    assert line in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("1\n2\nzwei\n", "line 3: 'zwei' is not a number"),
        ("1\n0.0\n", "line 2: is zero"),
        ("w\n1\ninf\n", "line 3: inf must be finite"),
        ("nan\n1\n", "line 1: nan must be finite"),
        ("1\n2,3\n", "line 2: has 2 columns"),
        ("", "holds no numbers"),
        ("weight\n", "holds no numbers"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, content, line):
    file = tmp_path / "w.csv"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        registry.problem(f"linear(weights=@{file})")
    assert str(caught.value).startswith("weights: ") and str(file) in str(caught.value) and line in str(caught.value)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    file = tmp_path / "w.csv"
    file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="is not a text file"):
        registry.problem(f"linear(weights=@{file})")


@pytest.mark.parametrize(
    ("text", "rate", "line"),
    [
        ("one-plus-two-ea", "c/n", "algorithm: unknown name 'one-plus-two-ea'; did you mean OnePlusOneEA?"),
        ("one-plus-one-ea", None, "rate: OnePlusOneEA needs a mutation rate, e.g. c/n"),
        ("one-plus-one-ea(rate=1/n)", "c/n", "rate: given twice"),
        ("one-plus-one-ea(1/n)", "c/n", "rate: given twice"),
        ("rls", "c/n", "rate: RLS takes none"),
        ("one-plus-one-ea(strict=maybe)", "c/n", "strict: 'maybe' must be True or False"),
        ("one-plus-one-ea", "c/m", "rate: unknown symbol 'm'"),
        ("one-plus-one-ea", "__import__('os')", "rate: unknown function '__import__'"),
        ("rls(flips=1.5)", None, "flips: '1.5' must be a positive integer"),
    ],
)
def test_a_wrong_algorithm_is_named(text, rate, line):
    with pytest.raises(InputError) as caught:
        registry.algorithm(text, rate)
    assert line in str(caught.value) and "\n" not in str(caught.value)
