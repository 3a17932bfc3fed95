package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the native tokenizer does not tell: how many ids there are, and the id of a token. Added
 * tokens get the ids that the native library gives them: their own in the model's vocabulary, else
 * the next one behind it, whatever number the file has beside them.
 */
final class Vocabulary {
  /** More than any vocabulary has; ids beyond are a damaged file's. */
  static final int MAX_ID = (1 << 24) - 1;

  private final Map<String, Integer> modelIds;
  private final Map<String, Integer> addedIds = new HashMap<>();
  private final List<Integer> idInOrder = new ArrayList<>();
  private final Set<Integer> specialIds = new HashSet<>();
  private final int modelSize;
  private int maxId;
  private int maxAddedId = -1;

  private Vocabulary(ModelJson model) {
    this.modelIds = model.ids();
    this.modelSize = model.size();
    this.maxId = Collections.max(modelIds.values());
  }

  /**
   * The vocabulary of a model and the tokens added to it.
   *
   * @param added in the order in which they are added
   */
  static Vocabulary of(ModelJson model, List<AddedToken> added) {
    Vocabulary vocabulary = new Vocabulary(model);
    for (AddedToken token : added) {
      int id = vocabulary.add(token.content());
      if (token.special() && !token.content().isEmpty()) {
        vocabulary.specialIds.add(id);
      }
    }
    return vocabulary;
  }

  /** One more than the largest id. */
  int size() {
    return maxId + 1;
  }

  /** The id of a token. */
  OptionalInt id(String token) {
    Integer id = addedIds.getOrDefault(token, modelIds.get(token));
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  boolean isSpecial(int id) {
    return specialIds.contains(id);
  }

  /** The ids of the added tokens, in the order in which they were added. */
  List<Integer> addedIds() {
    return Collections.unmodifiableList(idInOrder);
  }

  private int add(String token) {
    int next = maxAddedId >= modelSize ? maxAddedId + 1 : modelSize;
    // A token without text is passed over by the native library: it gets no id.
    int id = token.isEmpty() ? 0 : id(token).orElse(next);
    idInOrder.add(id);
    if (!token.isEmpty()) {
      addedIds.put(token, id);
      maxAddedId = Math.max(maxAddedId, id);
      maxId = Math.max(maxId, id);
    }
    return id;
  }

  /** The id that a parser stands before, of a token of the model. */
  static int checkId(boolean whole, JsonParser parser, String token) throws IOException {
    if (!whole || parser.getNumberType() != JsonParser.NumberType.INT || !fits(parser)) {
      throw refused("The token '%.80s' of the tokenizer.json".formatted(token), parser.getText());
    }
    return parser.getIntValue();
  }

  /** The id in a tree. */
  static int checkId(JsonNode id, String where) {
    if (!id.isInt() || id.intValue() < 0 || id.intValue() > MAX_ID) {
      throw refused(where, id.toString());
    }
    return id.intValue();
  }

  private static boolean fits(JsonParser parser) throws IOException {
    return parser.getIntValue() >= 0 && parser.getIntValue() <= MAX_ID;
  }

  private static DatasetException refused(String where, String id) {
    return new DatasetException(
        String.format(
            Locale.ROOT,
            "%s has the id %.80s. It must be a whole number from 0 to %d: copy or download the files again.",
            where,
            id.isEmpty() ? "(none)" : id,
            MAX_ID));
  }
}
