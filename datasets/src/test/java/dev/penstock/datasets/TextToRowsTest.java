package dev.penstock.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.pack.SequencePacker;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.shard.ShardWriter;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of real text: tokenize, pack, stage, read in order, and back to text. */
class TextToRowsTest {
  private static final int SEQ_LENGTH = 64;

  @TempDir Path folder;

  @Test
  void everyVerseIsFoundInTheRowsOfAnEpoch() throws IOException {
    Folder store = new LocalFolder(folder);
    List<String> verses = TestingData.verses();
    try (TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer())) {
      ShardManifest manifest = stage(verses, tokenizer, store);
      ShardManifest.read(store).checkTokenizer(TestingData.tokenizer().sha256());
      assertThat(manifest.stats().documents()).isEqualTo(200);
      assertThat(manifest.stats().droppedTokens()).isZero();

      int sequences = (int) manifest.numSequences();
      try (BatchReader reader = BatchReader.open(store, 1, sequences, 0, sequences)) {
        TokenRows rows = reader.read(0, 0, sequences);
        assertThat(Arrays.stream(rows.labels()).filter(label -> label != TokenSequence.IGNORE))
            .hasSize((int) manifest.stats().tokens());
        Set<String> whole = wholeVerses(rows, tokenizer);
        assertThat(verses).containsAll(whole);
        assertThat(whole.size()).isGreaterThan(verses.size() / 3);
      }
    }
  }

  private static ShardManifest stage(List<String> verses, TextTokenizer tokenizer, Folder store)
      throws IOException {
    PackingConfig config =
        PackingConfig.of(SEQ_LENGTH, tokenizer.endOfDocumentId(OptionalInt.empty()));
    try (ShardWriter writer =
        ShardWriter.create(store, "part-00000.tok", SEQ_LENGTH, tokenizer.vocabSize(), false)) {
      SequencePacker packer = new SequencePacker(config, writer);
      for (String verse : verses) {
        packer.add(TokenizedDocument.of(tokenizer.encode(verse, SpecialTokens.EXCLUDED)));
      }
      packer.finish();
      ShardInfo shard = writer.finish();
      ShardManifest manifest =
          new ShardManifest(
              SEQ_LENGTH,
              tokenizer.vocabSize(),
              false,
              0,
              TestingData.tokenizer().sha256(),
              BlockLayout.forSeqLength(SEQ_LENGTH),
              packer.stats(),
              List.of(shard));
      manifest.write(store);
      return manifest;
    }
  }

  /** Texts between a document's start and its end-of-document token within one row. */
  private static Set<String> wholeVerses(TokenRows rows, TextTokenizer tokenizer) {
    Set<Integer> ends = new HashSet<>();
    for (int i = 0; i < rows.ids().length; i++) {
      if (rows.ids()[i] == TestingData.EOT && rows.labels()[i] == TestingData.EOT) {
        ends.add(i);
      }
    }
    return ends.stream()
        .map(end -> new int[] {rows.documentStarts().previousSetBit(end), end})
        .filter(span -> span[0] >= span[1] / SEQ_LENGTH * SEQ_LENGTH)
        .map(span -> Arrays.copyOfRange(rows.ids(), span[0], span[1]))
        .map(ids -> tokenizer.decode(ids, SpecialTokens.INCLUDED))
        .collect(Collectors.toSet());
  }
}
