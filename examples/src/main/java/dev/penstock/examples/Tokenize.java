package dev.penstock.examples;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.datasets.format.ChatFormat;
import dev.penstock.datasets.format.Conversation;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Shows what a tokenizer makes of some texts, to be compared with what transformers makes of them:
 * reads a JSON array of strings, writes one line of JSON.
 */
@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    description =
        "Tokenizes a JSON array from standard input, of strings or chats, into one line of JSON.")
public final class Tokenize implements Callable<Integer> {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final InputStream input;

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "FOLDER",
      description = "Folder with a tokenizer.json, or such a file of any name.")
  private Path folder;

  @Option(
      names = "--chat",
      description =
          "The array holds conversations: lists of messages, or objects with messages and tools.")
  private boolean chat;

  private Tokenize(InputStream input) {
    this.input = input;
  }

  /** Runs the command line and exits. */
  public static void main(String[] args) {
    System.exit(commandLine(System.in).execute(args));
  }

  static CommandLine commandLine(InputStream input) {
    return new CommandLine(new Tokenize(input))
        .setExecutionExceptionHandler(
            (e, failed, parsed) -> {
              failed.getErr().println(e.getMessage() == null ? e.toString() : e.getMessage());
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  @Override
  public Integer call() throws IOException {
    TokenizerFiles files = TokenizerFiles.read(folder);
    try (TextTokenizer tokenizer = TextTokenizer.open(files)) {
      Map<String, @Nullable Object> line = chat ? ofChats(files, tokenizer) : ofTexts(tokenizer);
      command.commandLine().getOut().println(JSON.writeValueAsString(line));
    }
    return CommandLine.ExitCode.OK;
  }

  private Map<String, @Nullable Object> ofChats(TokenizerFiles files, TextTokenizer tokenizer)
      throws IOException {
    ChatFormat format =
        new ChatFormat(
            new TextEncoder(tokenizer, SpecialTokens.EXCLUDED, tokenizer.vocabSize()),
            ChatTemplates.of(files),
            null,
            LocalDateTime.now());
    List<TokenizedDocument> documents =
        Arrays.stream(JSON.readValue(input, JsonNode[].class))
            .map(Conversation::of)
            .map(format::format)
            .toList();
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("folder", folder.toString());
    line.put("ids", documents.stream().map(TokenizedDocument::ids).toList());
    line.put("labels", documents.stream().map(TokenizedDocument::labels).toList());
    return line;
  }

  private Map<String, @Nullable Object> ofTexts(TextTokenizer tokenizer) throws IOException {
    List<String> texts = Arrays.asList(JSON.readValue(input, String[].class));
    List<int[]> without =
        texts.stream().map(text -> tokenizer.encode(text, SpecialTokens.EXCLUDED)).toList();
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("folder", folder.toString());
    line.put(
        "ids", texts.stream().map(text -> tokenizer.encode(text, SpecialTokens.INCLUDED)).toList());
    line.put("ids_without", without);
    line.put(
        "decoded",
        without.stream().map(ids -> tokenizer.decode(ids, SpecialTokens.INCLUDED)).toList());
    line.put("bos", orNull(tokenizer.bosTokenId()));
    line.put("eos", orNull(tokenizer.eosTokenId()));
    line.put("pad", orNull(tokenizer.padTokenId()));
    line.put("size", tokenizer.vocabSize());
    return line;
  }

  private static @Nullable Integer orNull(OptionalInt id) {
    return id.isPresent() ? Integer.valueOf(id.getAsInt()) : null;
  }
}
