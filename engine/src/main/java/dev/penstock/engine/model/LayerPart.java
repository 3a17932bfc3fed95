package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A decoder layer as a module of a stage, or one of its halves: {@code model.layers.3}, {@code
 * model.layers.3.self_attn} with the norms around attention, {@code model.layers.3.mlp} with the
 * norms around the feed-forward layer, also where that is a mixture of experts. Each half adds to
 * the residual stream, so that nothing else passes from one to the other and a model can be cut
 * between them.
 *
 * @param layer its number
 * @param attention whether attention is part of it
 * @param feedForward whether the feed-forward layer is
 */
public record LayerPart(int layer, boolean attention, boolean feedForward) {
  private static final String ATTENTION = ".self_attn";
  private static final String FEED_FORWARD = ".mlp";
  private static final Pattern NAME =
      Pattern.compile("model\\.layers\\.(\\d{1,9})(\\.self_attn|\\.mlp)?");

  /** The part that a module's name says; null: the module is none. */
  public static @Nullable LayerPart of(String module) {
    Matcher matcher = NAME.matcher(module);
    if (!matcher.matches()) {
      return null;
    }
    String half = matcher.group(2);
    return new LayerPart(
        Integer.parseInt(matcher.group(1)), !FEED_FORWARD.equals(half), !ATTENTION.equals(half));
  }

  /** Its module's name. */
  public String name() {
    String name = DecoderTensors.layerName(layer);
    return isWhole() ? name : name + (attention ? ATTENTION : FEED_FORWARD);
  }

  /** Whether it is the layer. */
  public boolean isWhole() {
    return attention && feedForward;
  }

  private LayerPart otherHalf() {
    return new LayerPart(layer, feedForward, attention);
  }

  /** Modules with both halves in place of each layer. */
  public static List<String> halved(Collection<String> modules) {
    List<String> halves = new ArrayList<>();
    for (String module : modules) {
      LayerPart part = of(module);
      if (part == null || !part.isWhole()) {
        halves.add(module);
      } else {
        halves.add(new LayerPart(part.layer, true, false).name());
        halves.add(new LayerPart(part.layer, false, true).name());
      }
    }
    return List.copyOf(halves);
  }

  /** Modules with the layer in place of both of its halves, where the first of them stands. */
  public static List<String> joined(Collection<String> modules) {
    Set<String> joined = new LinkedHashSet<>();
    for (String module : modules) {
      LayerPart part = of(module);
      joined.add(
          part != null && !part.isWhole() && modules.contains(part.otherHalf().name())
              ? DecoderTensors.layerName(part.layer)
              : module);
    }
    return List.copyOf(joined);
  }
}
