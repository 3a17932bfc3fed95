package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with which the native library would end the JVM, at once or when a text comes. */
class TokenizerCheckTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SEED = 1;
  private static final int ROUNDS = 1500;
  private static final String FILE = "/tokenizers/llama-class/tokenizer.json";
  private static final List<String> TEXTS =
      List.of("", " ", "In the beginning", "  \u00e9\u4e2d a\u0301 \u2028x", "<s>Hi</s> 12\n\n");

  private static void use(byte[] json) {
    try (TextTokenizer tokenizer =
        TextTokenizer.open(TokenizerFiles.of(Map.of("tokenizer.json", json)))) {
      for (String text : TEXTS) {
        int[] ids = tokenizer.encode(text, SpecialTokens.INCLUDED);
        tokenizer.decode(ids, SpecialTokens.INCLUDED);
      }
      tokenizer.decode(new int[0], SpecialTokens.EXCLUDED);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "decoder | 1e999 | decoder",
        "decoder | {'type':'Sequence','decoders':[{'type':'Fuse'},{'type':'Strip','content':' ','start':0,'stop':1}]} | strips the end",
        "decoder | {'type':'Strip','content':'ab','start':1,'stop':0} | one character",
        "post_processor | {'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x','type_id':0}},{'Sequence':{'id':'A','type_id':0}}],'pair':[],'special_tokens':{}} | special_tokens",
        "post_processor | {'type':'TemplateProcessing','single':[{'Sequence':{'id':'B','type_id':0}}],'pair':[],'special_tokens':{}} | sequence A alone",
        "post_processor | {'type':'Sequence','processors':[{'type':'BertProcessing','sep':['a',1],'cls':['b',2]},{'type':'BertProcessing','sep':['a',1],'cls':['b',2]}]} | more than once",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'AAAA'} | charsmap",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'BAAAAAD///8='} | charsmap",
        "normalizer | `{'type':'Replace','pattern':{'Regex':'^|a*'},'content':'x'}` | between any two characters",
        "normalizer | {'type':'Prepend','prepend':''} | not empty",
        "normalizer | {'type':'Other'} | not known",
        "pre_tokenizer | {'type':'FixedLength','length':0} | from 1",
        "pre_tokenizer | {'type':'Split','pattern':{'Regex':'(a+)+$'},'behavior':'Isolated','invert':false} | within another",
        "pre_tokenizer | {'type':'Digits','individual_digits':true,'x':1} | unknown field 'x'",
        "model | {'type':'BPE','continuing_subword_prefix':'####','vocab':{'a':0,'b':1,'ab':2},'merges':[['a','b']]} | continuing_subword_prefix",
        "model | {'type':'BPE','dropout':1e999,'vocab':{'a':0},'merges':[]} | from 0 to 1",
        "version | '\\ud800' | half a character",
      })
  void fileThatNativeCodeDoesNotSurviveIsRefused(String key, String value, String reason)
      throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(TestingData.resource(FILE));
    json.put(key, "HERE");
    String file = json.toString().replace("\"HERE\"", value.replace('\'', '"'));
    assertThatThrownBy(() -> use(file.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(reason)
        .extracting(e -> e.getMessage().length())
        .satisfies(length -> assertThat((Integer) length).isLessThan(2000));
  }

  @Test
  void patternsOfKnownTokenizersAreTaken() throws IOException {
    for (String pattern :
        new String[] {
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\s+",
          " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[\u4e00-\u9fa5\u0800-\u4e00]+",
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          "[0-9][0-9][0-9]",
          " {2,}",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{M}&&[^\\p{Han}]]+|[\\p{Han}]+",
          "(?=(\\d{3})+(?!\\d))",
          "\\p{N}{1,3}(?=(?:\\p{N}{3})*\\b)",
          "(?:\\r?\\n)+|\\w+(?:-\\w+)?|[^\\s\\w]+"
        }) {
      ObjectNode json = (ObjectNode) JSON.readTree(TestingData.resource(FILE));
      ObjectNode split = json.putObject("pre_tokenizer");
      split.put("type", "Split").put("behavior", "Isolated").put("invert", false);
      split.putObject("pattern").put("Regex", pattern);
      use(JSON.writeValueAsBytes(json));
    }
  }

  /** The engine gives up on each, and the JVM with it, on some text of 10,000 characters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[^\\s]+ ?\\p{L}+\\p{N}",
        "(?:a|aa)+b",
        "(?:a|A)+b",
        "(?:aa?)+b",
        "(?:a{1,2})+b",
        "a{1,999}a{1,999}a{1,999}b",
        "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?[bc]",
        "(?:\\w+\\d+|x)-",
        "\\s+\\s*$",
        "(?=\\w+\\d+-)",
        "\\w+\\d+(?!\\w)",
        "(?:x?){30}y",
      })
  void patternThatSharesATextInTooManyWaysIsRefused(String pattern) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(TestingData.resource(FILE));
    ObjectNode split = json.putObject("pre_tokenizer");
    split.put("type", "Split").put("behavior", "Isolated").put("invert", false);
    split.putObject("pattern").put("Regex", pattern);
    assertThatThrownBy(() -> use(JSON.writeValueAsBytes(json)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll(pattern, "ways");
  }

  @Test
  void anyDamageIsReadOrRefused() throws IOException {
    byte[] good = TestingData.resource(FILE);
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bad = good.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        bad[random.nextInt(bad.length)] = (byte) "\"{}[],:0189.-eE\\utn".charAt(random.nextInt(18));
      }
      try {
        use(bad);
      } catch (DatasetException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(ROUNDS / 4, ROUNDS);
  }
}
