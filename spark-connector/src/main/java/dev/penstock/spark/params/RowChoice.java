package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;

/** What Params say a row is: one kind, and nothing that only another kind has. */
final class RowChoice {
  /** One of each kind; inputCol has a default, and counts where it is set. */
  private static final List<TrainerOption> KINDS =
      List.of(
          TrainerOption.INPUT_COL,
          TrainerOption.MESSAGES_COL,
          TrainerOption.PROMPT_COL,
          TrainerOption.TOKENS_COL);

  /** Options that mean nothing without another. */
  private static final Map<TrainerOption, TrainerOption> NEEDED =
      Map.of(
          TrainerOption.TOOLS_COL, TrainerOption.MESSAGES_COL,
          TrainerOption.PROMPT_COL, TrainerOption.COMPLETION_COL,
          TrainerOption.COMPLETION_COL, TrainerOption.PROMPT_COL,
          TrainerOption.TRAIN_ON_PROMPT, TrainerOption.PROMPT_COL,
          TrainerOption.PROMPT_ENCODING, TrainerOption.PROMPT_COL,
          TrainerOption.LABELS_COL, TrainerOption.TOKENS_COL);

  private RowChoice() {}

  /**
   * Checks them.
   *
   * @throws ConfigException naming what contradicts what
   */
  static void check(OptionParams<?> params) {
    List<TrainerOption> kinds =
        KINDS.stream().filter(option -> params.isSet(params.option(option))).toList();
    if (kinds.size() > 1) {
      throw new ConfigException(
          "A row is of one kind, but these are set: %s. Clear all but one of inputCol, messagesCol, promptCol with completionCol, and tokensCol."
              .formatted(
                  kinds.stream()
                      .map(option -> shown(params, option))
                      .collect(Collectors.joining(", "))));
    }
    for (TrainerOption option : TrainerOption.values()) {
      TrainerOption needed = NEEDED.get(option);
      if (needed != null && isChanged(params, option) && !RowColumns.isNamed(params, needed)) {
        throw new ConfigException(
            "%s is set, but not %s, without which nothing would read it. Set that too, or clear it."
                .formatted(shown(params, option), needed.paramName()));
      }
    }
    boolean withTokensOfTheirOwn =
        Stream.of(TrainerOption.MESSAGES_COL, TrainerOption.TOKENS_COL)
            .anyMatch(option -> RowColumns.isNamed(params, option));
    if (withTokensOfTheirOwn && isChanged(params, TrainerOption.ADD_SPECIAL_TOKENS)) {
      throw new ConfigException(
          "addSpecialTokens is false, but nothing would read it: messagesCol and tokensCol get no special tokens anyway, for the chat template or the tokens say which there are. Clear it.");
    }
  }

  private static boolean isChanged(OptionParams<?> params, TrainerOption option) {
    Param<Object> param = params.option(option);
    return params.isSet(param)
        && !Objects.equals(params.getOrDefault(param), option.defaultValue());
  }

  private static String shown(OptionParams<?> params, TrainerOption option) {
    return "%s '%s'".formatted(option.paramName(), params.<Object>value(option));
  }
}
