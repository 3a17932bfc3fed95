package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The modules of a model as peft sees them, by what it can do with them. Pure Java. */
final class ModuleNames {
  /** What a module is. */
  enum Kind {
    LINEAR,
    EMBEDDING,
    HEAD,
    /**
     * Experts and routers of mixtures: transformers keeps the experts of a layer as one tensor,
     * which peft has no module for.
     */
    MIXTURE,
    /** Norms, and modules made of others or without weights. */
    OTHER
  }

  private final Map<String, Kind> kinds = new LinkedHashMap<>();

  /** Each weight of the model, by module; the tied head has one here too. */
  private final Map<String, List<String>> weights = new LinkedHashMap<>();

  ModuleNames(DecoderSpec spec) {
    DecoderTensors tensors = new DecoderTensors(spec);
    Set<String> fused = tensors.fused().keySet();
    for (String module : tensors.modules()) {
      for (TensorShape weight : tensors.of(module)) {
        String name =
            module.equals(DecoderTensors.HEAD) ? DecoderTensors.HEAD + ".weight" : weight.name();
        Kind kind = kind(module, fused.contains(name), weight.shape().size());
        add(name, kind);
      }
    }
    Set<String> whole = new LinkedHashSet<>();
    for (String module : kinds.keySet()) {
      for (int dot = module.indexOf('.'); dot > 0; dot = module.indexOf('.', dot + 1)) {
        whole.add(module.substring(0, dot));
      }
    }
    whole.add("model.rotary_emb");
    for (int layer = 0; layer < spec.numLayers(); layer++) {
      whole.add(DecoderTensors.layerName(layer) + ".mlp.act_fn");
    }
    whole.forEach(module -> kinds.putIfAbsent(module, Kind.OTHER));
  }

  private static Kind kind(String module, boolean mixture, int dimensions) {
    if (mixture) {
      return Kind.MIXTURE;
    }
    if (dimensions != 2) {
      return Kind.OTHER;
    }
    return switch (module) {
      case DecoderTensors.EMBEDDING -> Kind.EMBEDDING;
      case DecoderTensors.HEAD -> Kind.HEAD;
      default -> Kind.LINEAR;
    };
  }

  private void add(String weight, Kind kind) {
    String module = weight.substring(0, weight.lastIndexOf('.'));
    // A bias comes after its weight, and is of its kind.
    kinds.putIfAbsent(module, kind);
    weights.computeIfAbsent(module, key -> new ArrayList<>()).add(weight);
  }

  /** Every module, those made of others at the end. */
  Set<String> all() {
    return kinds.keySet();
  }

  Kind kind(String module) {
    return kinds.getOrDefault(module, Kind.OTHER);
  }

  /** The weights of a module and of all modules in it. */
  List<String> weightsIn(String module) {
    return weights.entrySet().stream()
        .filter(entry -> entry.getKey().equals(module) || entry.getKey().startsWith(module + "."))
        .flatMap(entry -> entry.getValue().stream())
        .toList();
  }

  /** Every weight of the model. */
  List<String> weights() {
    return weights.values().stream().flatMap(List::stream).toList();
  }

  /** What a user may call the modules: the names of linear ones without the layers'. */
  Set<String> ends() {
    Set<String> names = new TreeSet<>();
    kinds.forEach(
        (module, kind) -> {
          if (kind == Kind.LINEAR || kind == Kind.HEAD) {
            names.add(module.substring(module.lastIndexOf('.') + 1));
          }
        });
    return names;
  }
}
