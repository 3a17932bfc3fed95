package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What an optimizer keeps for one parameter. The tensors are the optimizer's own: a checkpoint is
 * written from them and read into them, and nobody else closes them.
 *
 * @param parameter the parameter, shaped as all the tensors
 * @param moments by torch's names: {@code exp_avg} and {@code exp_avg_sq}, or {@code
 *     momentum_buffer}
 */
public record OptimizerState(Parameter parameter, Map<String, Tensor> moments) {
  public OptimizerState {
    moments = Map.copyOf(moments);
  }

  Tensor moment(String name) {
    return moments.get(name);
  }

  void close() {
    moments.values().forEach(Tensor::close);
  }
}
