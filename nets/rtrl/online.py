"""Online training: an update after every time step, with the gradient that an estimator of the influence matrix gives.

The order of one step: forget in the lanes that start anew, linearise, let the estimator take the step, take the loss's gradient
delta at the state from the readout, and descend along delta^T G. The weights change while sequences run: G is then a derivative
at weights that were, and not even exact RTRL is unbiased (Williams, Zipser 1989 say so). Small learning rates are the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nets.core.context import Context
from nets.rtrl.influence import Influence
from nets.rtrl.learner import Stream, SymbolLearner
from nets.rtrl.model import SymbolModel


class OnlineLearner(SymbolLearner):
    """See :class:`nets.rtrl.learner.SymbolLearner` for the parameters; ``influence`` has an estimator for each weight matrix."""

    def __init__(
        self,
        model: SymbolModel,
        influence: Influence,
        stream: Stream,
        batch: int,
        context: Context,
        lr: float,
        clip: float = 1.0,
    ) -> None:
        super().__init__(model, stream, batch, context, lr, clip)
        self.influence = influence
        # RFLO's random matrix takes the output error in place of delta
        self._by_feedback = any(getattr(estimator, "feedback", None) is not None for estimator in influence.estimators)
        influence.reset(len(self.lanes))

    def update(self) -> None:
        """One time step of all lanes, and one update."""
        x, target, fresh = self.symbols()
        if fresh is not None:
            self.state = self.state.masked_fill(fresh[:, None], 0)
            self.influence.reset(len(self.lanes), fresh)
        steps = self.model.cell.linearize(x, self.state)
        self.influence.step(steps)
        self.state = steps[-1].state
        back = self.model.readout.backward(self.model.visible(self.state), target)
        if self._by_feedback:
            delta = back.error
        else:
            delta = back.delta.new_zeros(self.state.shape)
            delta[:, self.model.cell.readout] = back.delta
        share = 1 / len(self.lanes)
        for weight, gradient in zip(self.recurrent, self.influence.grads(delta), strict=True):
            weight.grad = gradient * share
        self.model.readout.weight.grad = back.weight * share
        self.observe(back.loss)
        self.descend()

    def measure(self) -> dict[str, float]:
        """With what the estimators say of their last step (OK: kept, mixed, noise), as means over lanes and matrices."""
        told = [estimator.metrics() for estimator in self.influence.estimators if hasattr(estimator, "metrics")]
        said = [metrics for metrics in told if metrics]
        if not said:
            return super().measure()
        means = {name: sum(float(one[name].double().mean()) for one in said) / len(said) for name in said[0]}
        return {**super().measure(), **self.context.mean(means)}

    def state_dict(self) -> dict[str, Any]:
        """With the estimators' state."""
        return {**super().state_dict(), "influence": self.influence.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.influence.load_state_dict(state["influence"])
