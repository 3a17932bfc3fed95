package dev.penstock.spark.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.WeightDecayScheduleConfig;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.spark.params.TrainerOption;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The value of a recipe as the option takes it. */
final class OptionValue {
  private static final int SECONDS_PER_MINUTE = 60;

  private OptionValue() {}

  /**
   * Reads a value.
   *
   * @return null if the recipe leaves the choice to the default
   * @throws ConfigException if the option cannot have it
   */
  static @Nullable Object of(TrainerOption option, @Nullable Object value) {
    if (value == null) {
      return option == TrainerOption.CHECKPOINTS_TO_KEEP ? (Object) Integer.MAX_VALUE : null;
    }
    Object read =
        switch (option) {
          case BETA1 -> real(option, element(value, 0));
          case BETA2 -> real(option, element(value, 1));
          case STEP_TIMEOUT -> whole(option, minutes(option, value));
          case RECOMPUTE -> recompute(value);
          case TRUNCATION -> truncation(ValueSet.word(value));
          case PRECISION -> Precision.parse(ValueSet.word(value)).toString();
          case OPTIMIZER -> optimizer(ValueSet.word(value));
          case LR_DECAY_STYLE -> word(value, LrScheduleConfig.STYLES);
          case LR_WSD_DECAY_STYLE -> word(value, LrScheduleConfig.WSD_DECAY_STYLES);
          case WD_INCR_STYLE -> word(value, WeightDecayScheduleConfig.STYLES);
          case PP_SCHEDULE -> schedule(String.valueOf(value));
          case RESUME -> ValueSet.word(value).equals("latest") ? "auto" : value;
          case MODULE_NAMES_PER_STAGE -> json(value);
          default -> value;
        };
    Object typed = typed(option, read);
    if (!option.allows(typed)) {
      throw refusal(value, option.allowed().isEmpty() ? "text" : option.allowed());
    }
    return typed;
  }

  private static Object typed(TrainerOption option, Object value) {
    Class<?> type = option.type();
    if (type == String[].class) {
      List<?> texts = value instanceof List<?> list ? list : List.of(value);
      return texts.stream().map(String::valueOf).toArray(String[]::new);
    }
    if (type == Boolean.class) {
      return check(value instanceof Boolean, value, "true or false");
    }
    if (type == String.class) {
      return String.valueOf(
          check(!(value instanceof List || value instanceof Map), value, "a text"));
    }
    return type == Double.class ? (Object) real(option, value) : whole(option, value);
  }

  private static Object check(boolean holds, Object value, String wanted) {
    if (!holds) {
      throw refusal(value, wanted);
    }
    return value;
  }

  /** A text is told from the number that it looks like. */
  private static ConfigException refusal(Object value, String wanted) {
    return new ConfigException(
        "It is %s, but must be %s."
            .formatted(
                value instanceof String text ? Quoted.of(text) : Quoted.plain(value), wanted));
  }

  private static double real(TrainerOption option, Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (option == TrainerOption.GRAD_NORM_TYPE && ValueSet.word(value).matches("inf(inity)?")) {
      return Double.POSITIVE_INFINITY;
    }
    throw refusal(value, "a number");
  }

  /** A fraction is refused; 1e2 is a hundred. */
  private static Object whole(TrainerOption option, Object value) {
    if (value instanceof Number) {
      try {
        BigDecimal exact = new BigDecimal(value.toString());
        return option.type() == Long.class
            ? (Object) exact.longValueExact()
            : exact.intValueExact();
      } catch (ArithmeticException | NumberFormatException e) {
        throw new ConfigException(
            "It is %s, but must be a whole number of at most %s bits."
                .formatted(Quoted.plain(value), option.type() == Long.class ? "63" : "31"),
            e);
      }
    }
    throw refusal(value, "a whole number");
  }

  private static Object element(Object value, int index) {
    if (value instanceof List<?> list && list.size() == 2 && list.get(index) != null) {
      return list.get(index);
    }
    throw refusal(value, "two numbers, such as [0.9, 0.999]");
  }

  private static Object minutes(TrainerOption option, Object value) {
    return Math.ceil(SECONDS_PER_MINUTE * real(option, value));
  }

  private static String recompute(Object value) {
    if (value instanceof Boolean all) {
      return all ? Recompute.FULL.toString() : Recompute.NONE.toString();
    }
    return Recompute.parse(ValueSet.word(value)).toString();
  }

  /** As tokenizers of transformers take it, or as the Param does. */
  private static String truncation(String word) {
    return switch (word) {
      case "true", "longest_first", "only_first", "only_second" -> "right";
      case "false", "do_not_truncate" -> "error";
      default -> word;
    };
  }

  private static String optimizer(String target) {
    return switch (target.substring(target.lastIndexOf('.') + 1)) {
      case "fusedadam", "flashadamw" -> "adamw";
      default -> target.substring(target.lastIndexOf('.') + 1);
    };
  }

  private static String word(Object value, List<String> choices) {
    String word = ValueSet.word(value);
    check(choices.contains(word), value, "one of " + String.join(", ", choices));
    return word;
  }

  private static String schedule(String name) {
    Schedules.named(name);
    return name;
  }

  /** Lists of names as JSON; a text is taken for it. */
  private static String json(Object value) {
    try {
      return value instanceof List<?> list
          ? new ObjectMapper().writeValueAsString(list)
          : String.valueOf(value);
    } catch (JsonProcessingException e) {
      throw new ConfigException("It is no list of lists of names.", e);
    }
  }
}
