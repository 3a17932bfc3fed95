package dev.penstock.engine.plan;

import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.TrainingConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Something about a run that its user should know before it starts.
 *
 * @param harm what kind of harm it does
 * @param text what, with the numbers and the remedy
 */
public record Finding(Harm harm, String text) {
  /** From the greatest harm to the least. */
  public enum Harm {
    DOES_NOT_FIT,
    PROCESSOR,
    BUBBLE,
    FEW_MICROBATCHES,
    LONG_SEQUENCES,
    UNUSED_KEY
  }

  private static final double MUCH_BUBBLE = 0.2;

  /** What a forecast shows, greatest harm first. */
  public static List<Finding> of(Forecast forecast) {
    List<Finding> findings = new ArrayList<>();
    TrainingConfig config = forecast.plan().config();
    if (!forecast.fits()) {
      findings.add(new Finding(Harm.DOES_NOT_FIT, doesNotFit(forecast)));
    }
    if (!forecast.device().isGpu() && config.compute().precision() == Precision.BFLOAT16) {
      findings.add(
          new Finding(
              Harm.PROCESSOR,
              "On CPUs bfloat16 is for processors with AMX, or AVX512_BF16 of AMD; others are slower by it, and a fit refuses them. penstock doctor tells what the executors have."));
    }
    int stages = forecast.plan().schedule().numStages();
    int microbatches = config.numMicrobatches();
    if (stages > 1 && forecast.step().bubble() > MUCH_BUBBLE) {
      findings.add(
          new Finding(
              Harm.BUBBLE,
              String.format(
                  Locale.ROOT,
                  "Ranks wait %.0f %% of the time (bubble): more microbatches a pipeline step (%d now), or another schedule, hide it.",
                  100 * forecast.step().bubble(),
                  microbatches)));
    }
    if (microbatches < stages) {
      findings.add(
          new Finding(
              Harm.FEW_MICROBATCHES,
              String.format(
                  Locale.ROOT,
                  "There are fewer microbatches (%d) than stages (%d), so not all ranks ever work at once: raise the batch of a pipeline step%s.",
                  microbatches,
                  stages,
                  config.batch().microbatchSize() == 1 ? "" : ", or lower ppMicrobatchSize")));
    }
    int length = config.batch().seqLength();
    if (length > forecast.plan().spec().maxPositions()) {
      findings.add(
          new Finding(
              Harm.LONG_SEQUENCES,
              String.format(
                  Locale.ROOT,
                  "seqLength (%,d) is beyond the model's max_position_embeddings (%,d), which a fit refuses: use a shorter one.",
                  length,
                  forecast.plan().spec().maxPositions())));
    }
    findings.sort(Comparator.comparing(Finding::harm));
    return List.copyOf(findings);
  }

  private static String doesNotFit(Forecast forecast) {
    MemoryEstimate fullest = forecast.fullest();
    return String.format(
        Locale.ROOT,
        "Rank %d needs %.1f GB, but its %s has %.1f GB: more pipeline ranks, smaller microbatches, recompute or sharded moments need less.",
        fullest.ppRank(),
        forecast.rankBytes(fullest) / 1e9,
        forecast.device().isGpu() ? "device" : "host",
        forecast.device().memoryBytes() / 1e9);
  }
}
