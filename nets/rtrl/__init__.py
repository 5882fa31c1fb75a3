"""Online gradients of recurrent networks: RTRL, UORO, KF-RTRL, OK and their relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from nets.rtrl.cells import GRU, LSTM, RHN, RNN, Cell, LeakyRNN, PointwiseCell, Stacked, check_cell
    from nets.rtrl.estimators.exact import ExactRTRL
    from nets.rtrl.estimators.kf import KFRTRL
    from nets.rtrl.estimators.ktp import KTP
    from nets.rtrl.estimators.ok import OK
    from nets.rtrl.estimators.reverse_kf import ReverseKF
    from nets.rtrl.estimators.rflo import RFLO
    from nets.rtrl.estimators.snap import SnAp
    from nets.rtrl.estimators.uoro import UORO, PreUORO
    from nets.rtrl.influence import Influence
    from nets.rtrl.protocol import KroneckerCell, OnlineGradient, StepJacobian

_HOME = {
    "GRU": "cells.gru",
    "LSTM": "cells.lstm",
    "RHN": "cells.rhn",
    "RNN": "cells.rnn",
    "Cell": "cells.base",
    "LeakyRNN": "cells.leaky",
    "PointwiseCell": "cells.pointwise",
    "Stacked": "cells.stacked",
    "check_cell": "cells.check",
    "ExactRTRL": "estimators.exact",
    "KTP": "estimators.ktp",
    "OK": "estimators.ok",
    "RFLO": "estimators.rflo",
    "SnAp": "estimators.snap",
    "KFRTRL": "estimators.kf",
    "ReverseKF": "estimators.reverse_kf",
    "UORO": "estimators.uoro",
    "PreUORO": "estimators.uoro",
    "Influence": "influence",
    "KroneckerCell": "protocol",
    "OnlineGradient": "protocol",
    "StepJacobian": "protocol",
}  # one a line, so that several can add

__all__ = [  # one a line, so that several can add
    "GRU",
    "LSTM",
    "RHN",
    "RNN",
    "Cell",
    "LeakyRNN",
    "PointwiseCell",
    "Stacked",
    "check_cell",
    "ExactRTRL",
    "KTP",
    "OK",
    "RFLO",
    "SnAp",
    "KFRTRL",
    "ReverseKF",
    "UORO",
    "PreUORO",
    "Influence",
    "KroneckerCell",
    "OnlineGradient",
    "StepJacobian",
]

__getattr__, __dir__ = lazily(__name__, _HOME)
