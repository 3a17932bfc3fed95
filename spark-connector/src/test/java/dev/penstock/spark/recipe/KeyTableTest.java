package dev.penstock.spark.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.params.TrainerOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyTableTest {
  /** A value that a recipe may give each option. */
  private static String valueOf(TrainerOption option) {
    return switch (option) {
      case BETA1, BETA2 -> "[0.9,0.99]";
      case RECOMPUTE -> "full";
      case PRECISION -> "bf16";
      case OPTIMIZER -> "torch.optim.SGD";
      case LR_DECAY_STYLE -> "linear";
      case LR_WSD_DECAY_STYLE -> "cosine";
      case PP_SCHEDULE -> "gpipe";
      default -> {
        if (option.type() == Boolean.class) {
          yield "true";
        }
        if (option.type() == String.class || option.type() == String[].class) {
          yield option.allowed().isEmpty()
              ? "text"
              : option.allowed().replace("one of ", "").split(",")[0];
        }
        yield option.type() == Double.class ? "0.5" : "2";
      }
    };
  }

  /** Nothing else in the recipe, so no line of the table may stand before the option. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MODEL_CONFIG"}) // a section
  void everyOptionIsSetByItsKey(TrainerOption option) {
    String context =
        """
        distributed: {pp_size: 2}
        validation_dataset: {path_or_dataset: x}
        lr_scheduler: {lr_decay_style: %s, wd_incr_style: linear}
        optimizer: {_target_: %s}
        """
            .formatted(
                option.recipeKey().contains("wsd") ? "wsd, wsd_decay_steps: 2" : "cosine",
                option == TrainerOption.MOMENTUM ? "sgd" : "adamw");
    Recipe recipe =
        RecipeReader.read(
            context, "test", List.of("--" + option.recipeKey(), valueOf(option)), name -> null);
    assertThat(recipe.refused()).isEmpty();
    assertThat(recipe.unknown()).isEmpty();
    assertThat(recipe.used()).containsKey(option.recipeKey());
    assertThat(recipe.options()).containsKey(option);
  }

  /** A reason, and for what is refused a second sentence: the remedy. */
  @Test
  void linesSayWhy() {
    for (KeyRule rule : KeyTable.get().rules()) {
      String wanted =
          switch (rule.verdict()) {
            case USED, OPTION -> "";
            case WITHOUT -> "[A-Za-z].*\\.";
            case REFUSED -> ".+[.:] .+\\.";
          };
      assertThat(rule.why()).matches(wanted);
    }
  }
}
