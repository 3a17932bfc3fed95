package dev.penstock.datasets.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequencePackerTest {
  private static final long SEED = 11;
  private static final int ROUNDS = 300;
  private static final int END = 0;
  private static final int PAD = 99;
  private static final int X = TokenSequence.IGNORE;

  private final List<TokenSequence> sequences = new ArrayList<>();

  @Test
  void documentsGoOnInTheNextSequence() throws IOException {
    PackingStats stats =
        pack(config(4, DocumentFit.SPLIT, Remainder.PAD), ids(1, 2), ids(3, 4, 5), ids(6));

    assertIds(ids(1, 2, 0, 3), ids(4, 5, 0, 6), ids(0, 99, 99, 99));
    assertLabels(ids(1, 2, 0, 3), ids(4, 5, 0, 6), ids(0, X, X, X));
    assertStarts(bits(0, 3), bits(3), bits(1));
    assertThat(stats).isEqualTo(new PackingStats(3, 0, 0, 9, 3, 3, 0));
  }

  @Test
  void remainderMayBeDropped() throws IOException {
    PackingStats stats = pack(config(4, DocumentFit.SPLIT, Remainder.DROP), ids(1, 2, 3, 4, 5));
    assertIds(ids(1, 2, 3, 4));
    assertThat(stats).isEqualTo(new PackingStats(1, 0, 0, 6, 1, 0, 2));
  }

  @Test
  void wholeDocumentsBeginTheNextSequence() throws IOException {
    PackingStats stats =
        pack(
            config(4, DocumentFit.WHOLE, Remainder.PAD),
            ids(1),
            ids(2, 3),
            ids(4, 5, 6),
            ids(7, 7, 7, 7, 7));
    assertIds(ids(1, 0, 99, 99), ids(2, 3, 0, 99), ids(4, 5, 6, 0), ids(7, 7, 7, 7));
    assertStarts(bits(0, 2), bits(0, 3), bits(0), bits(0));
    assertThat(stats).isEqualTo(new PackingStats(4, 0, 1, 15, 4, 3, 2));
  }

  @Test
  void singleDocumentsHaveASequenceEach() throws IOException {
    PackingStats stats =
        pack(config(3, DocumentFit.SINGLE, Remainder.PAD), ids(1), ids(2, 3, 4, 5), ids(6, 7));
    assertIds(ids(1, 0, 99), ids(2, 3, 4), ids(6, 7, 0));
    assertThat(stats).isEqualTo(new PackingStats(3, 0, 1, 10, 3, 1, 2));
  }

  @Test
  void documentsLoseTheirBeginningOrAreRefused() throws IOException {
    PackingConfig left =
        new PackingConfig(3, END, PAD, DocumentFit.SINGLE, Remainder.PAD, Truncation.LEFT);
    PackingStats stats = pack(left, ids(2, 3, 4, 5), ids(6));
    assertIds(ids(4, 5, 0), ids(6, 0, 99));
    assertThat(stats.truncatedDocuments()).isEqualTo(1);
    assertThat(stats.droppedTokens()).isEqualTo(2);

    PackingConfig error =
        new PackingConfig(3, END, PAD, DocumentFit.SINGLE, Remainder.PAD, Truncation.ERROR);
    assertThatThrownBy(() -> pack(error, ids(1), ids(2, 3, 4)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("A row has 4 tokens, more than seqLength 3");
  }

  @Test
  void documentsMaySayThemselvesWhatEndsThem() throws IOException {
    PackingConfig config =
        new PackingConfig(4, null, PAD, DocumentFit.SPLIT, Remainder.PAD, Truncation.ERROR);
    pack(config, ids(1, 2), ids(3));
    assertIds(ids(1, 2, 3, 99));
    assertStarts(bits(0, 2, 3));
  }

  @Test
  void maskedTokensStayMasked() throws IOException {
    SequencePacker packer = packer(config(4, DocumentFit.SPLIT, Remainder.PAD));
    packer.add(new TokenizedDocument(ids(1, 2, 3), ids(X, X, 3)));
    packer.finish();
    assertLabels(ids(X, X, 3, 0));
  }

  @Test
  void tokensWeighAsTheirDocument() throws IOException {
    SequencePacker packer = packer(config(4, DocumentFit.SPLIT, Remainder.PAD));
    packer.add(TokenizedDocument.of(ids(1, 2, 3)));
    packer.add(TokenizedDocument.of(ids(4)));
    packer.add(TokenizedDocument.of(ids(5, 6, 7, 8)).withWeight(0.5f));
    packer.add(TokenizedDocument.of(ids(9)).withWeight(0));
    packer.add(TokenizedDocument.of(ids(9, 9)));
    packer.finish();
    assertIds(ids(1, 2, 3, 0), ids(4, 0, 5, 6), ids(7, 8, 0, 9), ids(0, 9, 9, 0));
    assertThat(sequences.stream().map(TokenSequence::weights))
        .containsExactly(
            null,
            new float[] {1, 1, 0.5f, 0.5f},
            new float[] {0.5f, 0.5f, 0.5f, 0},
            new float[] {0, 1, 1, 1});
  }

  @Test
  void endIsNotPutTwice() throws IOException {
    pack(config(4, DocumentFit.SPLIT, Remainder.PAD), ids(1, END), ids(2, END));
    assertIds(ids(1, 0, 2, 0));
  }

  @Test
  void emptyDocumentsAreCountedAndPassedOver() throws IOException {
    PackingStats stats = pack(config(4, DocumentFit.SPLIT, Remainder.PAD), ids(), ids(1), ids());
    assertIds(ids(1, 0, 99, 99));
    assertThat(stats).isEqualTo(new PackingStats(3, 2, 0, 2, 1, 2, 0));
  }

  @Test
  void nothingGivesNoSequence() throws IOException {
    assertThat(pack(config(4, DocumentFit.SPLIT, Remainder.PAD))).isEqualTo(PackingStats.NONE);
    assertThat(sequences).isEmpty();
  }

  @Test
  void splittingLosesNoToken() throws IOException {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      sequences.clear();
      int[][] documents = documents(random);
      int seqLength = 2 + random.nextInt(20);
      pack(config(seqLength, DocumentFit.SPLIT, Remainder.PAD), documents);

      int[] expected =
          Arrays.stream(documents)
              .filter(document -> document.length > 0)
              .flatMapToInt(d -> IntStream.concat(Arrays.stream(d), IntStream.of(END)))
              .toArray();
      int[] packed =
          sequences.stream()
              .flatMapToInt(s -> Arrays.stream(s.labels()))
              .filter(label -> label != X)
              .toArray();
      assertThat(packed).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(DocumentFit.class)
  void countsAddUp(DocumentFit fit) throws IOException {
    Random random = new Random(SEED);
    PackingStats all = PackingStats.NONE;
    long expectedDocuments = 0;
    for (int round = 0; round < ROUNDS; round++) {
      sequences.clear();
      int[][] documents = documents(random);
      int seqLength = 2 + random.nextInt(20);
      Remainder remainder = random.nextBoolean() ? Remainder.PAD : Remainder.DROP;
      PackingStats stats = pack(config(seqLength, fit, remainder), documents);

      assertThat(sequences).hasSize((int) stats.sequences());
      assertThat(stats.sequences() * seqLength)
          .isEqualTo(stats.tokens() - stats.droppedTokens() + stats.paddingTokens());
      assertThat(stats.documents()).isEqualTo(documents.length);
      all = all.plus(stats);
      expectedDocuments += documents.length;
    }
    assertThat(all.documents()).isEqualTo(expectedDocuments);
    assertThat(all.truncatedDocuments() > 0).isEqualTo(fit != DocumentFit.SPLIT);
  }

  @Test
  void documentAfterTheEndIsRefused() throws IOException {
    SequencePacker packer = packer(config(4, DocumentFit.SPLIT, Remainder.PAD));
    packer.finish();
    assertThatThrownBy(() -> packer.add(TokenizedDocument.of(ids(1))))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void impossibleConfigurationIsRefused() {
    assertThatThrownBy(() -> PackingConfig.of(1, 0))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("is 1");
    assertThatThrownBy(() -> PackingConfig.of(8, -1))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("is -1");
    assertThatThrownBy(() -> new TokenizedDocument(ids(1), ids()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TokenSequence(ids(1), ids(1), bits(), new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
    for (float weight : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> TokenizedDocument.of(ids(1)).withWeight(weight))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("is " + weight);
    }
  }

  private PackingStats pack(PackingConfig config, int[]... documents) throws IOException {
    SequencePacker packer = packer(config);
    for (int[] document : documents) {
      packer.add(TokenizedDocument.of(document));
    }
    packer.finish();
    return packer.stats();
  }

  private SequencePacker packer(PackingConfig config) {
    return new SequencePacker(config, sequences::add);
  }

  private static PackingConfig config(int seqLength, DocumentFit fit, Remainder remainder) {
    return new PackingConfig(seqLength, END, PAD, fit, remainder, Truncation.RIGHT);
  }

  private static int[][] documents(Random random) {
    int[][] documents = new int[random.nextInt(12)][];
    for (int i = 0; i < documents.length; i++) {
      documents[i] = random.ints(random.nextInt(40), 1, 90).toArray();
    }
    return documents;
  }

  private void assertIds(int[]... expected) {
    assertThat(sequences.stream().map(TokenSequence::ids)).containsExactly(expected);
  }

  private void assertLabels(int[]... expected) {
    assertThat(sequences.stream().map(TokenSequence::labels)).containsExactly(expected);
  }

  private void assertStarts(BitSet... expected) {
    assertThat(sequences.stream().map(TokenSequence::documentStarts)).containsExactly(expected);
  }

  private static int[] ids(int... ids) {
    return ids;
  }

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    Arrays.stream(set).forEach(bits::set);
    return bits;
  }
}
