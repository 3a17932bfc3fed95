package dev.penstock.engine.modelfiles;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.TensorEntry;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Collects what is wrong with the tensors of a file, so that the user sees all of it at once. */
final class TensorProblems {
  private static final Set<DType> READABLE =
      EnumSet.of(DType.F64, DType.F32, DType.F16, DType.BF16);
  private static final int MAX_LISTED = 20;

  private final Set<String> problems = new LinkedHashSet<>();

  /** Whether weights of this type are read. */
  static boolean isReadable(DType dtype) {
    return READABLE.contains(dtype);
  }

  private static String shape(TensorEntry entry) {
    return Quoted.plain(entry.shape().toString());
  }

  void missing(String name, List<Long> shape) {
    problems.add("missing: %s %s".formatted(Quoted.plain(name), shape));
  }

  void unexpected(TensorEntry entry) {
    problems.add("unexpected: %s %s".formatted(Quoted.plain(entry.name()), shape(entry)));
  }

  /** Notes a shape that is not the one wanted, and a dtype that is not read. */
  void compare(TensorEntry entry, List<Long> wanted) {
    if (!entry.shape().equals(wanted)) {
      problems.add(
          "misshapen: %s is %s, but the config calls for %s"
              .formatted(entry.name(), shape(entry), wanted));
    }
    if (!isReadable(entry.dtype())) {
      problems.add(
          "unreadable: %s has dtype %s; readable are %s"
              .formatted(entry.name(), entry.dtype(), READABLE));
    }
  }

  /**
   * Throws one error with every problem found, if any.
   *
   * @param subject which tensors
   * @param remedy a sentence
   */
  void throwIfAny(String subject, DecoderSpec spec, String remedy) {
    if (problems.isEmpty()) {
      return;
    }
    List<String> all = List.copyOf(problems);
    int listed = Math.min(MAX_LISTED, all.size());
    throw new ConfigException(
        String.format(
            Locale.ROOT,
            "%s do not fit the config (model_type '%s', %d layers), %s:\n- %s%s\n%s",
            subject,
            spec.modelType(),
            spec.numLayers(),
            all.size() == 1 ? "1 problem" : all.size() + " problems",
            String.join("\n- ", all.subList(0, listed)),
            all.size() > listed
                ? String.format(Locale.ROOT, "\n- and %d more", all.size() - listed)
                : "",
            remedy));
  }
}
