package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Low-rank adapters as data: which linear modules have one and what it does. Weights are named as
 * peft names them in its files.
 *
 * @param rank rows of A and columns of B
 * @param scale what an adapter's output is multiplied by
 * @param dropout share of an adapter's inputs that is set to zero in training
 * @param seed of the dropout
 * @param modules names of the modules with adapters
 */
public record LoraSpec(int rank, double scale, double dropout, long seed, Set<String> modules) {
  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  public LoraSpec {
    modules = Set.copyOf(modules);
  }

  /** Whether a weight belongs to an adapter. */
  public static boolean isAdapter(String weight) {
    return weight.endsWith(A) || weight.endsWith(B);
  }

  /** The same with another seed. */
  public LoraSpec withSeed(long newSeed) {
    return new LoraSpec(rank, scale, dropout, newSeed, modules);
  }

  /**
   * What peft calls the weight itself of an adapted module: it saves that too where the module is
   * the head.
   *
   * @return nothing for a weight without an adapter
   */
  public Optional<String> nameOfCopy(String weight) {
    String module = module(weight);
    return modules.contains(module)
        ? Optional.of(PREFIX + module + ".base_layer.weight")
        : Optional.empty();
  }

  static String nameOfA(String module) {
    return PREFIX + module + A;
  }

  static String nameOfB(String module) {
    return PREFIX + module + B;
  }

  /**
   * The adapters of some weights: all A, then all B, so that the A of modules with one input are
   * neighbours where the modules are.
   */
  public List<TensorShape> of(List<TensorShape> weights) {
    List<TensorShape> adapted =
        weights.stream().filter(weight -> modules.contains(module(weight.name()))).toList();
    List<TensorShape> adapters = new ArrayList<>();
    for (TensorShape weight : adapted) {
      List<Long> shape = List.of((long) rank, weight.shape().get(1));
      String name = nameOfA(module(weight.name()));
      adapters.add(new TensorShape(name, shape, TensorShape.Init.UNIFORM_BY_COLUMNS));
    }
    for (TensorShape weight : adapted) {
      List<Long> shape = List.of(weight.shape().get(0), (long) rank);
      String name = nameOfB(module(weight.name()));
      adapters.add(new TensorShape(name, shape, TensorShape.Init.ZEROS));
    }
    return List.copyOf(adapters);
  }

  /** The module of a matrix; a bias belongs to none, as it has no adapter. */
  private static String module(String weight) {
    return weight.endsWith(".weight")
        ? weight.substring(0, weight.length() - ".weight".length())
        : "";
  }
}
