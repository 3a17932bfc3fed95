package dev.penstock.engine.torch;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/**
 * A native operator called by the name of its schema: the way to operators that the presets do not
 * map, such as those whose names start with an underscore. Immutable; any thread may call it.
 */
public final class AtenOperator {
  private final OperatorHandle handle;

  private AtenOperator(OperatorHandle handle) {
    this.handle = handle;
  }

  /**
   * Finds an operator.
   *
   * @param name e.g. {@code aten::_foreach_norm}
   * @param overload e.g. {@code Scalar}; empty for the operator without an overload name
   * @throws RuntimeException if this build of torch has no such operator
   */
  public static AtenOperator find(String name, String overload) {
    try (PointerScope scope = new PointerScope()) {
      OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, overload);
      return new AtenOperator(handle.retainReference());
    }
  }

  /**
   * Calls the operator. Allocates in the caller's PointerScope.
   *
   * @param arguments one for each argument of the schema, defaults included; an absent optional is
   *     {@code new IValue()}
   * @return the results
   */
  public IValueVector call(IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    handle.callBoxed(stack);
    return stack;
  }

  /**
   * A {@code Tensor[]} argument, in the caller's PointerScope. The list has to be built as a
   * GenericList of element type Tensor: {@code new IValue(TensorList)} compiles as well, but takes
   * the constructor for a plain Pointer and reinterprets it.
   */
  public static IValue tensorList(List<Tensor> tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    list.reserve(tensors.size());
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return new IValue(list);
  }
}
