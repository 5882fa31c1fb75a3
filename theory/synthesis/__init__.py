"""The best potential in a template, by linear programming; rounded to fractions and verified.

:func:`theory.synthesise` is the entrance; :mod:`theory.synthesis.laws` holds the transition law and verifies,
:mod:`theory.synthesis.programme` the linear programmes.
"""
