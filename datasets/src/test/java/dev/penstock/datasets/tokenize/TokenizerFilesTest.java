package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFilesTest {
  private static final String SHA_256 =
      "649ac2bf29df1dad981cb52776830a2a52909e5ff071d9ab31838238fb708656";

  @TempDir Path folder;

  @Test
  void folderAndFileGiveTheSameTokenizer() throws IOException, URISyntaxException {
    Path model =
        Path.of(TokenizerFilesTest.class.getResource("/tokenizer/byte-level-bpe-4k").toURI());
    TokenizerFiles files = TokenizerFiles.read(model);
    assertThat(files.names()).containsExactly("tokenizer.json", "tokenizer_config.json");
    assertThat(TokenizerFiles.read(model.resolve("tokenizer.json")).sha256())
        .isEqualTo(files.sha256())
        .isEqualTo(SHA_256);
  }

  @Test
  void tokenizerMayHaveAnotherName() throws IOException {
    Path file = folder.resolve("my-tokenizer.json");
    Files.write(file, TestingData.tokenizer().bytes("tokenizer.json"));
    TokenizerFiles files = TokenizerFiles.read(file);
    assertThat(files.names()).containsExactly("tokenizer.json");
    assertThat(files.sha256()).isEqualTo(SHA_256);
  }

  @Test
  void missingTokenizerIsNamed() {
    assertThatThrownBy(() -> TokenizerFiles.read(folder))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(folder.toString());
    assertThatThrownBy(() -> TokenizerFiles.of(Map.of("vocab.txt", new byte[0])))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("vocab.txt");
  }

  @Test
  void filesTravelToExecutors() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(TestingData.tokenizer());
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      TokenizerFiles arrived = (TokenizerFiles) in.readObject();
      assertThat(arrived.sha256()).isEqualTo(SHA_256);
      assertThat(arrived.bytes("tokenizer_config.json"))
          .isEqualTo(TestingData.tokenizer().bytes("tokenizer_config.json"));
    }
  }
}
