package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import org.bytedeco.pytorch.Tensor;

/**
 * What AdamW keeps for one parameter. The tensors are the optimizer's own: a checkpoint is written
 * from them and read into them, and nobody else closes them.
 *
 * @param parameter the parameter, shaped as both tensors
 * @param expAvg first moment: the running mean of the gradient
 * @param expAvgSq second moment: the running mean of the squared gradient
 */
public record OptimizerState(Parameter parameter, Tensor expAvg, Tensor expAvgSq) {
  void close() {
    expAvg.close();
    expAvgSq.close();
  }
}
