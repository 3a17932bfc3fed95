package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The weights of a rank in one flat tensor, and their gradients in another of the same layout.
 *
 * <p>Each {@link Parameter} is a view. So zeroing, reducing and clipping the gradients and the
 * optimizer step are single operations over the whole rank, and weights that are neighbours (query,
 * key and value) can be used as one matrix. Owns all its tensors; used by the rank's thread; closed
 * by the rank.
 */
public final class ParameterArena implements AutoCloseable {
  private record Slot(TensorShape shape, long offset, Parameter parameter) {}

  private final Tensor values;
  private final Tensor gradients;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final List<Tensor> views = new ArrayList<>();

  /**
   * Allocates zeroed weights and gradients.
   *
   * @param shapes the weights in memory order; a name that comes again (a tied weight) is held once
   * @param options dtype and device
   */
  public ParameterArena(List<TensorShape> shapes, TensorOptions options) {
    Map<String, TensorShape> unique = new LinkedHashMap<>();
    shapes.forEach(shape -> unique.putIfAbsent(shape.name(), shape));
    long size = unique.values().stream().mapToLong(TensorShape::numel).sum();
    try (PointerScope scope = new PointerScope()) {
      values = keep(torch.zeros(new long[] {size}, options));
      gradients = keep(torch.zeros(new long[] {size}, options));
      long offset = 0;
      for (TensorShape shape : unique.values()) {
        slots.put(shape.name(), new Slot(shape, offset, parameter(shape, offset)));
        offset += shape.numel();
      }
    }
  }

  private Parameter parameter(TensorShape shape, long offset) {
    long[] sizes = sizes(shape);
    Tensor value = keep(view(values, offset, sizes));
    Tensor gradient = keep(view(gradients, offset, sizes));
    return new Parameter(shape.name(), value, gradient, true);
  }

  /** All weights as one vector. */
  public Tensor values() {
    return values;
  }

  /** All gradients as one vector. */
  public Tensor gradients() {
    return gradients;
  }

  /** Every parameter, in memory order. */
  public List<Parameter> parameters() {
    return slots.values().stream().map(Slot::parameter).toList();
  }

  /** Where all parameters are. */
  public ParameterRange whole() {
    return new ParameterRange(0, values.numel());
  }

  /** Where a parameter is. */
  public ParameterRange range(String name) {
    Slot slot = slot(name);
    return new ParameterRange(slot.offset, slot.offset + slot.shape.numel());
  }

  /** Where the parameters of these names are, neighbours as one; ascending. */
  public List<ParameterRange> ranges(Predicate<String> names) {
    List<ParameterRange> ranges = new ArrayList<>();
    for (String name : slots.keySet()) {
      if (names.test(name)) {
        ParameterRange next = range(name);
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).end() == next.begin()) {
          next = new ParameterRange(ranges.remove(last).begin(), next.end());
        }
        ranges.add(next);
      }
    }
    return List.copyOf(ranges);
  }

  /** The weights of a range as one vector, with their gradients. Owned by this. */
  public Parameter vector(ParameterRange range) {
    try (PointerScope scope = new PointerScope()) {
      return new Parameter(
          "elements %d to %d".formatted(range.begin(), range.end()),
          keep(view(values, range.begin(), range.size())),
          keep(view(gradients, range.begin(), range.size())),
          true);
    }
  }

  public boolean contains(String name) {
    return slots.containsKey(name);
  }

  public Parameter parameter(String name) {
    return slot(name).parameter;
  }

  /** Shape and initial value of a parameter. */
  public TensorShape shape(String name) {
    return slot(name).shape;
  }

  /** Neighbouring weights as one: matrices below each other, vectors end to end. Owned by this. */
  Tensor joinedValues(List<String> names) {
    return joined(values, names);
  }

  /** The gradients of {@link #joinedValues}, in the same shape. */
  Tensor joinedGradients(List<String> names) {
    return joined(gradients, names);
  }

  private Tensor joined(Tensor flat, List<String> names) {
    Slot first = slot(names.get(0));
    long end = first.offset;
    long rows = 0;
    for (String name : names) {
      Slot slot = slot(name);
      if (slot.offset != end) {
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

  private Slot slot(String name) {
    Slot slot = slots.get(name);
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
