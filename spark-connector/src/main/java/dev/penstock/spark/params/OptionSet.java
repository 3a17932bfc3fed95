package dev.penstock.spark.params;

import dev.penstock.spark.interop.SparkParams;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The Params of one stage, made from the table. A stage makes its set in its constructor, after its
 * uid: a Param remembers the uid it was made with.
 */
public final class OptionSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<StageOption, Param<Object>> params = new HashMap<>();

  /** Makes the Params and sets their defaults. */
  @SuppressWarnings("unchecked") // the table says the type of each
  public OptionSet(Params owner, Collection<? extends StageOption> options) {
    for (StageOption option : options) {
      Domain domain = option.domain();
      Param<Object> param =
          (Param<Object>)
              SparkParams.make(
                  owner,
                  option.paramName(),
                  option.doc(),
                  domain.type(),
                  value -> domain.contains(option.paramName(), value));
      params.put(option, param);
      if (option.defaultValue() != null) {
        owner.setDefault(param, option.defaultValue());
      }
    }
  }

  Param<Object> param(StageOption option) {
    return params.get(option);
  }
}
