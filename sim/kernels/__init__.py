"""The compiled storey: plain numbers and arrays, no objects.

Each engine is a *template*, a file with one compiled function ``run_block`` whose hooks
``theory.compile.specialise`` replaces by those of a process (see :mod:`theory.hooks`)::

    run_block(key, first, last, n, c, p, settings, data, target, budget,
              start_kind, start_zeros, start_bits, stop,
              targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness)

=================  =====================  ==============================================================================
``key``            uint64[4]              the run's key; replicate r uses ``seed_stream(s, key, r)``
``first, last``    int64                  the replicates first <= r < last
``n``              int64                  bits
``c, p``           float64                the rate's constant (NaN if it has none); the static mutation rate
``settings``       float64[::1]           the algorithm's parameters (``Algorithm.settings``); rates of positions; bounds on rates
``data``           int64[:, ::1]          the problem's matrix (C-contiguous)
``target``         float64                fitness that ends a run, where the optimum isn't known to be all ones
``budget``         int64                  1 <= budget <= 2^62
``start_kind``     int64                  codes.UNIFORM, codes.ZEROS, codes.BITS
``start_zeros``    int64                  number of zero-bits for codes.ZEROS
``start_bits``     uint8[::1]             canonical bits for codes.BITS, else empty
``stop``           uint8[::1], (1,)       1 = please stop; polled every 2^16 rounds
``targets``        float64[::1]           ascending, in the kernel's units of fitness
``times``          int64[::1]             ascending
``evaluations``    int64[::1]             out, one a replicate
``generations``    int64[::1]             out; not written where a generation is one offspring
``hit``            uint8[::1]             out
``hits``           int64[:, ::1]          out, replicate x target; arrives filled with -1 (= not hit)
``trajectory``     float64[:, :, ::1]     out, replicate x time x potential; arrives filled with NaN (= beyond the budget)
``moves``          float64[:, :, ::1]     out, replicate x state x (1 + potential): rounds spent in a state, and by how much each
                                          potential fell in the moves out of it; arrives filled with 0; (.., 0, 1) if unused
``status``         int64[::1]             out, from :mod:`sim.kernels.codes`
``bad``            float64[:, ::1]        out, replicate x (t, k, v, p)
``witness``        uint8[:, ::1]          out, (2, n) where a user's declaration is checked, else (0, 0)
=================  =====================  ==============================================================================

All outputs of a block are views whose row 0 belongs to replicate ``first``: index them by ``r - first``. Every replicate
seeds its own stream, so that results don't depend on how replicates are cut into blocks.

* A run that ends for any reason but the optimum has ``hit = 0`` and ``evaluations = budget`` (INTERRUPTED: anything).
* A start at the optimum has ``evaluations = 0``; an offspring with number t <= budget still counts.
* ``times``: potentials of the point after t offspring; after the optimum was found the optimum's. With several offspring a
  generation: of the best parent (the current point) when t offspring have been made; it changes at the end of a generation only.
* ``targets``: first t with fitness >= target, 0 if the start has it; at the optimum every target left is hit. With several
  offspring a generation: the first offspring (or start) that is evaluated with such a fitness, whether or not it lives on.
* ``evaluations`` counts offspring up to and with the first optimal one; ``generations`` the generations up to and with its own.
* ``moves``: a round is a generation.
* Where every sample counts (compact GA, UMDA) there is no start: before the first generation ends there is no current point, and
  trajectories stay NaN.

User's algorithms: ``run_block`` of ``sim/kernels/ask_tell.py`` is plain Python around a compiled ``run_one``.

Lumped engines: ``sim/kernels/lumped.py`` says which template runs a process on a counter, if any; it is plain Python.

Chains: ``sim/kernels/chain.py`` exports ``chain_runner(chain, values)``, which returns a function
``run(key, first, last, budget, stop, targets, times, evaluations, hit, hits, trajectory, status)`` with arrays as above;
the one potential is X, targets are *descending* and hit by X_t <= target, bad values of X (NaN) give NOT_A_NUMBER.
"""
