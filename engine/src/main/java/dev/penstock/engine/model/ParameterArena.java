package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a rank in one flat tensor, and their gradients in another of the same layout.
 *
 * <p>Each {@link Parameter} is a view. So zeroing, reducing and clipping the gradients and the
 * optimizer step are single operations over the whole rank, and weights that are neighbours (query,
 * key and value) can be used as one matrix. Weights that are not trained lie in a flat tensor of
 * their own and have no gradients.
 *
 * <p>Where layers compute in a half precision, values and gradients of trained weights are float32,
 * and layers use a copy of the values, which {@link #publish} renews.
 *
 * <p>Owns all its tensors; used by the rank's thread; closed by the rank.
 */
public final class ParameterArena implements AutoCloseable {
  private record Slot(TensorShape shape, long offset, Tensor weight, Parameter parameter) {
    boolean trainable() {
      return parameter.trainable();
    }
  }

  /** What layers compute with: trained weights, and those that are not. */
  private final Tensor weights;

  private final Tensor frozen;
  private final @Nullable LoraSpec lora;
  private final Tensor values;
  private final Tensor gradients;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final List<Tensor> views = new ArrayList<>();

  /**
   * Allocates zeroed weights and gradients.
   *
   * @param shapes the weights in memory order; a name that comes again (a tied weight) is held once
   * @param lora what is trained beside a frozen model; null: every weight is
   * @param dtype what layers compute in
   * @param device e.g. {@code cpu}
   */
  public ParameterArena(
      List<TensorShape> shapes, @Nullable LoraSpec lora, ScalarType dtype, String device) {
    this.lora = lora;
    Predicate<String> trainable = lora == null ? name -> true : LoraSpec::isTrained;
    Map<String, TensorShape> unique = new LinkedHashMap<>();
    shapes.forEach(shape -> unique.putIfAbsent(shape.name(), shape));
    long numTrained = numel(unique, trainable);
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(dtype, device);
        TensorOptions exact = HostTensors.options(exact(dtype), device)) {
      values = keep(torch.zeros(new long[] {numTrained}, exact));
      gradients = keep(torch.zeros(new long[] {numTrained}, exact));
      frozen = keep(torch.zeros(new long[] {numel(unique, trainable.negate())}, options));
      weights =
          exact(dtype) == dtype ? values : keep(torch.zeros(new long[] {numTrained}, options));
      long nextTrained = 0;
      long nextFrozen = 0;
      for (TensorShape shape : unique.values()) {
        if (trainable.test(shape.name())) {
          slots.put(shape.name(), trainedSlot(shape, nextTrained));
          nextTrained += shape.numel();
        } else {
          slots.put(shape.name(), frozenSlot(shape, nextFrozen));
          nextFrozen += shape.numel();
        }
      }
    }
  }

  /** What values and gradients are kept in where layers compute in {@code dtype}. */
  private static ScalarType exact(ScalarType dtype) {
    return dtype == ScalarType.BFloat16 || dtype == ScalarType.Half ? ScalarType.Float : dtype;
  }

  private static long numel(Map<String, TensorShape> shapes, Predicate<String> names) {
    return shapes.values().stream()
        .filter(shape -> names.test(shape.name()))
        .mapToLong(TensorShape::numel)
        .sum();
  }

  private Slot trainedSlot(TensorShape shape, long offset) {
    long[] sizes = sizes(shape);
    Tensor value = keep(view(values, offset, sizes));
    Tensor gradient = keep(view(gradients, offset, sizes));
    Tensor weight = weights == values ? value : keep(view(weights, offset, sizes));
    return new Slot(shape, offset, weight, new Parameter(shape.name(), value, gradient, true));
  }

  private Slot frozenSlot(TensorShape shape, long offset) {
    Tensor value = keep(view(frozen, offset, sizes(shape)));
    return new Slot(shape, offset, value, new Parameter(shape.name(), value, null, false));
  }

  /** All trained weights as one vector. */
  public Tensor values() {
    return values;
  }

  /** All gradients as one vector. */
  public Tensor gradients() {
    return gradients;
  }

  /** Lets layers compute with the present values; call it after every change to them. */
  public void publish() {
    if (weights != values) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard noGrad = new NoGradGuard()) {
        weights.copy_(values);
      }
    }
  }

  /** Every parameter, in memory order. */
  public List<Parameter> parameters() {
    return slots.values().stream().map(Slot::parameter).toList();
  }

  /** Where all trained parameters are. */
  public ParameterRange whole() {
    return new ParameterRange(0, values.numel());
  }

  /** Where a trained parameter is. */
  public ParameterRange range(String name) {
    Slot slot = slot(name);
    if (!slot.trainable()) {
      throw new IllegalArgumentException("Parameter '" + name + "' is not trained.");
    }
    return new ParameterRange(slot.offset, slot.offset + slot.shape.numel());
  }

  /** Where the trained parameters of these names are, neighbours as one; ascending. */
  public List<ParameterRange> ranges(Predicate<String> names) {
    List<ParameterRange> ranges = new ArrayList<>();
    for (Slot slot : slots.values()) {
      if (slot.trainable() && names.test(slot.shape.name())) {
        ParameterRange next = range(slot.shape.name());
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).end() == next.begin()) {
          next = new ParameterRange(ranges.remove(last).begin(), next.end());
        }
        ranges.add(next);
      }
    }
    return List.copyOf(ranges);
  }

  /** The trained weights of a range as one vector, with their gradients. Owned by this. */
  public Parameter vector(ParameterRange range) {
    try (PointerScope scope = new PointerScope()) {
      return new Parameter(
          String.format(Locale.ROOT, "elements %d to %d", range.begin(), range.end()),
          keep(view(values, range.begin(), range.size())),
          keep(view(gradients, range.begin(), range.size())),
          true);
    }
  }

  /** Whether {@link #parameter} has an answer. */
  public boolean contains(String name) {
    return slots.containsKey(stored(name));
  }

  /** A parameter, or the one that is trained in place of the model's of this name. */
  public Parameter parameter(String name) {
    return slot(name).parameter;
  }

  /** Shape and initial value of a parameter. */
  public TensorShape shape(String name) {
    return slot(name).shape;
  }

  /** The adapters, or null. */
  public @Nullable LoraSpec lora() {
    return lora;
  }

  /** What layers compute with. */
  Tensor weight(String name) {
    return slot(name).weight;
  }

  /**
   * A parameter as autograd knows it: if it is trained, a leaf in the dtype of its gradient, which
   * is added into the arena. For what is too small to be worth an entry in a {@link
   * WeightGradientStore}.
   */
  Tensor leaf(String name) {
    Slot slot = slot(name);
    Tensor value = slot.parameter.value();
    if (slot.trainable() && !value.requires_grad()) {
      value.requires_grad_(true);
      value.mutable_grad().put(slot.parameter.gradientBuffer());
    }
    return value;
  }

  /** Neighbouring weights as one: matrices below each other, vectors end to end. Owned by this. */
  Tensor joinedWeights(List<String> names) {
    return joined(slot(names.get(0)).trainable() ? weights : frozen, names);
  }

  /** The gradients of {@link #joinedWeights}, in the same shape; null if they are not trained. */
  @Nullable Tensor joinedGradients(List<String> names) {
    return slot(names.get(0)).trainable() ? joined(gradients, names) : null;
  }

  private Tensor joined(Tensor flat, List<String> names) {
    Slot first = slot(names.get(0));
    long end = first.offset;
    long rows = 0;
    for (String name : names) {
      Slot slot = slot(name);
      if (slot.offset != end || slot.trainable() != first.trainable()) {
        throw new IllegalStateException("Not neighbours in memory: " + names);
      }
      end += slot.shape.numel();
      rows += slot.shape.shape().get(0);
    }
    long[] sizes = sizes(first.shape);
    sizes[0] = rows;
    try (PointerScope scope = new PointerScope()) {
      return keep(view(flat, first.offset, sizes));
    }
  }

  /** The name of what is kept for a name. */
  private String stored(String name) {
    return lora == null || slots.containsKey(name) ? name : lora.nameOfTrained(name).orElse(name);
  }

  private Slot slot(String name) {
    Slot slot = slots.get(stored(name));
    if (slot == null) {
      throw new IllegalArgumentException("No parameter '" + name + "' on this rank.");
    }
    return slot;
  }

  /** Shares storage with {@code flat}, but is a tensor of its own to autograd. */
  private static Tensor view(Tensor flat, long offset, long... sizes) {
    long numel = 1;
    for (long size : sizes) {
      numel *= size;
    }
    return flat.narrow(0, offset, numel).view(sizes).detach();
  }

  private Tensor keep(Tensor tensor) {
    views.add(tensor.retainReference());
    return tensor;
  }

  private static long[] sizes(TensorShape shape) {
    return shape.shape().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void close() {
    views.forEach(Tensor::close);
    views.clear();
  }
}
