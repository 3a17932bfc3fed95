package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is trained beside a model that stays as it is, as data: low-rank adapters, and weights of
 * the model that are trained themselves. All that is trained has the name that peft gives it in its
 * files; a weight of the model that is trained is thus another parameter than the model's own.
 *
 * @param dropout share of an adapter's inputs that is set to zero in training
 * @param seed of the dropout
 * @param adapters by name of the module; that of the embedding adapts its rows
 * @param magnitudes whether each adapted weight has a trained magnitude (DoRA)
 * @param trained weights of the model that are trained, by their own name, with peft's
 * @param trainedTokens rows of the embedding that are trained, in the order of the file
 * @param head what the head computes with
 */
public record LoraSpec(
    double dropout,
    long seed,
    Map<String, AdapterSpec> adapters,
    boolean magnitudes,
    Map<String, String> trained,
    List<Integer> trainedTokens,
    Head head) {
  /** What the head of a model with adapters computes with. */
  public enum Head {
    /** A weight of its own. */
    OWN,
    /** The embedding as it was, whatever is trained of it. */
    TIED,
    /** The embedding as it is trained. */
    FOLLOWS
  }

  private static final String PREFIX = "base_model.model.";
  private static final String TOKENS = ".token_adapter.trainable_tokens_delta";
  private static final String EMBEDDING_WEIGHT = DecoderTensors.EMBEDDING + ".weight";
  private static final String HEAD_WEIGHT = DecoderTensors.HEAD + ".weight";

  public LoraSpec {
    adapters = Collections.unmodifiableMap(new TreeMap<>(adapters));
    trained = Map.copyOf(trained);
    trainedTokens = List.copyOf(trainedTokens);
    requireNonNull(head, "head is null");
  }

  /** Adapters of linear modules alone. */
  public LoraSpec(double dropout, long seed, Map<String, AdapterSpec> adapters) {
    this(dropout, seed, adapters, false, Map.of(), List.of(), Head.OWN);
  }

  /** Whether a weight is trained where there are adapters. */
  public static boolean isTrained(String weight) {
    return weight.startsWith(PREFIX);
  }

  /** What peft calls a weight of the model. */
  public static String nameOf(String weight) {
    return PREFIX + weight;
  }

  /** What peft calls a weight of a module that has an adapter: it saves some of them too. */
  public static String nameOfAdapted(String weight) {
    int dot = weight.lastIndexOf('.');
    return PREFIX + weight.substring(0, dot) + ".base_layer" + weight.substring(dot);
  }

  /** The modules with adapters. */
  public Set<String> modules() {
    return adapters.keySet();
  }

  /** The same with another seed. */
  public LoraSpec withSeed(long newSeed) {
    return new LoraSpec(dropout, newSeed, adapters, magnitudes, trained, trainedTokens, head);
  }

  /** The name of the parameter that a module with a weight of this name computes with. */
  String parameterFor(String weight) {
    String followed =
        weight.equals(HEAD_WEIGHT) && head == Head.FOLLOWS ? EMBEDDING_WEIGHT : weight;
    return nameOfTrained(followed).orElse(own(followed));
  }

  /** The name of a parameter that is trained in place of a weight of the model. */
  Optional<String> nameOfTrained(String weight) {
    return Optional.ofNullable(trained.get(weight));
  }

  /** The model's own weight that a parameter is, or stands for; nothing for an adapter. */
  public Optional<String> weightOf(String parameter) {
    if (!isTrained(parameter)) {
      return Optional.of(parameter);
    }
    return trained.entrySet().stream()
        .filter(entry -> entry.getValue().equals(parameter))
        .map(entry -> own(entry.getKey()))
        .findFirst();
  }

  /** A head that is tied has the embedding's weight. */
  private String own(String weight) {
    return weight.equals(HEAD_WEIGHT) && head != Head.OWN ? EMBEDDING_WEIGHT : weight;
  }

  /**
   * The names under which a file of peft may hold a parameter of the model once more. Peft computes
   * with what the file holds.
   */
  public List<String> namesOfCopies(String parameter) {
    List<String> copies = new ArrayList<>();
    if (!isTrained(parameter)) {
      addCopies(parameter, copies);
      if (parameter.equals(EMBEDDING_WEIGHT) && head != Head.OWN) {
        addCopies(HEAD_WEIGHT, copies);
      }
      copies.removeIf(trained::containsValue);
    } else if (head == Head.FOLLOWS && parameter.equals(nameOf(EMBEDDING_WEIGHT))) {
      copies.add(nameOf(HEAD_WEIGHT));
    } else if (head != Head.OWN && parameter.equals(nameOfTokens())) {
      copies.add(PREFIX + DecoderTensors.HEAD + TOKENS);
    }
    return copies;
  }

  private void addCopies(String weight, List<String> copies) {
    copies.add(nameOf(weight));
    if (adapters.containsKey(weight.substring(0, weight.lastIndexOf('.')))) {
      copies.add(nameOfAdapted(weight));
    }
  }

  /**
   * What peft saves of a module beside what is trained, by the name it saves it under: the weights
   * of an adapted embedding or head, and a head that follows the embedding.
   *
   * @param weights of the module, without adapters
   */
  public Map<String, TensorShape> savedCopies(String module, List<TensorShape> weights) {
    boolean isHead = module.equals(DecoderTensors.HEAD);
    if (!isHead && !isEmbedding(module)) {
      return Map.of();
    }
    String weight = isHead ? HEAD_WEIGHT : EMBEDDING_WEIGHT;
    TensorShape parameter = named(weights.get(0), parameterFor(weight));
    if (adapters.containsKey(module)) {
      return Map.of(nameOfAdapted(weight), parameter);
    }
    return isHead && head == Head.FOLLOWS ? Map.of(nameOf(weight), parameter) : Map.of();
  }

  static String nameOfA(String module) {
    return PREFIX + module + (isEmbedding(module) ? ".lora_embedding_A" : ".lora_A.weight");
  }

  static String nameOfB(String module) {
    return PREFIX + module + (isEmbedding(module) ? ".lora_embedding_B" : ".lora_B.weight");
  }

  static String nameOfMagnitude(String module) {
    return PREFIX + module + ".lora_magnitude_vector";
  }

  static String nameOfTokens() {
    return PREFIX + DecoderTensors.EMBEDDING + TOKENS;
  }

  private static boolean isEmbedding(String module) {
    return module.equals(DecoderTensors.EMBEDDING);
  }

  /**
   * The parameters of a module: its weights, then its adapters. First all A, then all B, so that
   * the A of modules with one input are neighbours where the modules are.
   *
   * @param weights of the module, without adapters
   */
  List<TensorShape> of(String module, List<TensorShape> weights) {
    boolean isHead = module.equals(DecoderTensors.HEAD);
    List<TensorShape> own = weights;
    if (isHead) {
      // The head of a tied model is a module of its own to peft.
      own = weights.stream().map(weight -> named(weight, HEAD_WEIGHT)).toList();
    }
    List<TensorShape> all = new ArrayList<>();
    own.forEach(weight -> all.add(named(weight, parameterFor(weight.name()))));
    all.addAll(adapters(own));
    boolean hasTokens = isEmbedding(module) || (isHead && head != Head.OWN);
    if (hasTokens && !trainedTokens.isEmpty()) {
      long rows = trainedTokens.size();
      all.add(TensorShape.matrix(nameOfTokens(), rows, weights.get(0).shape().get(1)));
    }
    return List.copyOf(all);
  }

  private List<TensorShape> adapters(List<TensorShape> weights) {
    List<TensorShape> downs = new ArrayList<>();
    List<TensorShape> ups = new ArrayList<>();
    List<TensorShape> vectors = new ArrayList<>();
    for (TensorShape weight : weights) {
      String module = module(weight.name());
      AdapterSpec adapter = adapters.get(module);
      if (adapter == null) {
        continue;
      }
      boolean embedding = isEmbedding(module);
      long inputs = weight.shape().get(embedding ? 0 : 1);
      long outputs = weight.shape().get(embedding ? 1 : 0);
      downs.add(
          new TensorShape(
              nameOfA(module),
              List.of((long) adapter.rank(), inputs),
              embedding ? TensorShape.Init.ZEROS : TensorShape.Init.UNIFORM_BY_COLUMNS));
      ups.add(
          new TensorShape(
              nameOfB(module),
              List.of(outputs, (long) adapter.rank()),
              embedding ? TensorShape.Init.STANDARD_NORMAL : TensorShape.Init.ZEROS));
      if (magnitudes) {
        vectors.add(TensorShape.vector(nameOfMagnitude(module), outputs, TensorShape.Init.ONES));
      }
    }
    List<TensorShape> all = new ArrayList<>(downs);
    all.addAll(ups);
    all.addAll(vectors);
    return all;
  }

  private static TensorShape named(TensorShape weight, String name) {
    return new TensorShape(name, weight.shape(), weight.init());
  }

  /** The module of a matrix; a bias belongs to none, as it has no adapter. */
  private static String module(String weight) {
    return weight.endsWith(".weight")
        ? weight.substring(0, weight.length() - ".weight".length())
        : "";
  }
}
