package dev.penstock.spark.params;

import java.util.Optional;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What the groups of Params below share: access to the stage's {@link OptionSet}.
 *
 * @param <T> the stage, as its setters return it
 */
public interface OptionParams<T> extends Params {
  /** The set the stage made in its constructor. */
  OptionSet options();

  /** The Param of an option. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the table says the type
  default <P extends Param<?>> P option(StageOption option) {
    return (P) options().param(option);
  }

  /** The value set, or the default. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the table says the type
  default <V> V value(StageOption option) {
    return (V) getOrDefault(options().param(option));
  }

  /** The value set, or the default, or nothing. */
  default <V> Optional<V> valueIfAny(StageOption option) {
    return isDefined(options().param(option)) ? Optional.of(value(option)) : Optional.empty();
  }

  /** Sets a value and returns the stage. */
  @SuppressWarnings("unchecked") // T is the stage
  default T with(StageOption option, Object value) {
    set(options().param(option), value);
    return (T) this;
  }
}
