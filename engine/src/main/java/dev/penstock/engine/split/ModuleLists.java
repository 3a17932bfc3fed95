package dev.penstock.engine.split;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Module lists that a user wrote by hand, held against the model. The reference takes any list, and
 * so trains a model with a layer missing, or one that fails late; here every module must be on
 * exactly one stage, and the stages must follow the model's order.
 */
final class ModuleLists {
  private final List<String> modules;
  private final Set<String> shared;

  /**
   * @param modules the modules that must be listed, in the order in which the model runs them
   * @param shared modules that any stage may list, such as {@code model.rotary_emb}
   */
  public ModuleLists(List<String> modules, Set<String> shared) {
    this.modules = List.copyOf(modules);
    this.shared = Set.copyOf(shared);
  }

  /**
   * The lists of each stage with only the modules that must be listed, in the model's order.
   *
   * <p>Encoders of multimodal models ({@link ModuleNaming#MULTIMODAL_SUFFIXES}) that the model
   * lacks may be listed, as generated lists have them.
   *
   * @throws ConfigException naming the modules that are missing, listed twice, unknown or out of
   *     order
   */
  public List<List<String>> check(List<List<String>> lists, int ppSize) {
    if (lists.isEmpty() || lists.size() % ppSize != 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Total stages %d must be divisible by PP size %d",
              lists.size(),
              ppSize));
    }
    Map<String, Integer> stageOf = new HashMap<>();
    List<String> problems = new ArrayList<>();
    for (int stage = 0; stage < lists.size(); stage++) {
      collect(lists.get(stage), stage, stageOf, problems);
    }
    List<String> missing = modules.stream().filter(name -> !stageOf.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      problems.add("on no stage: " + String.join(", ", missing));
    }
    if (problems.isEmpty()) {
      checkOrder(stageOf, problems);
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(
          "The module names of the stages do not fit the model: "
              + String.join("; ", problems)
              + ".");
    }
    List<List<String>> ordered = new ArrayList<>();
    for (int stage = 0; stage < lists.size(); stage++) {
      int current = stage;
      ordered.add(modules.stream().filter(name -> stageOf.get(name) == current).toList());
    }
    return List.copyOf(ordered);
  }

  private void collect(
      List<String> names, int stage, Map<String, Integer> stageOf, List<String> problems) {
    Set<String> known = new HashSet<>(modules);
    Set<String> unknown = new LinkedHashSet<>();
    boolean any = false;
    for (String name : names) {
      if (known.contains(name)) {
        any = true;
        Integer other = stageOf.putIfAbsent(name, stage);
        if (other != null) {
          problems.add(
              String.format(
                  Locale.ROOT, "%s on stage %d and again on stage %d", name, other, stage));
        }
      } else if (!shared.contains(name) && !isMultimodal(name)) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      problems.add(
          String.format(Locale.ROOT, "unknown on stage %d: %s", stage, String.join(", ", unknown)));
    }
    if (!any) {
      problems.add("no module on stage " + stage);
    }
  }

  private static boolean isMultimodal(String name) {
    return ModuleNaming.MULTIMODAL_SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private void checkOrder(Map<String, Integer> stageOf, List<String> problems) {
    for (int i = 1; i < modules.size(); i++) {
      String before = modules.get(i - 1);
      String name = modules.get(i);
      if (stageOf.get(name) < stageOf.get(before)) {
        problems.add(
            String.format(
                Locale.ROOT,
                "%s on stage %d, though it runs after %s on stage %d",
                name,
                stageOf.get(name),
                before,
                stageOf.get(before)));
      }
    }
  }
}
