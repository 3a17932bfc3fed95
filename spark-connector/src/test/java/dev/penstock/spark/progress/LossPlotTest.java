package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class LossPlotTest {
  private static StepReport step(long step, double loss) {
    return new StepReport(step, loss, 1, 1e-3, 90, 100, 0.5);
  }

  private static LossPlot plot() {
    List<StepReport> steps = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      steps.add(step(i, i == 7 ? Double.NaN : 8.5 * Math.pow(i, -0.2)));
    }
    return new LossPlot(
        steps, List.of(new ValidationReport(100, 5, 1), new ValidationReport(200, 4, 1)));
  }

  @Test
  void svgHasBothCurvesAndTheirScale() {
    String svg = plot().svg();
    assertThat(svg)
        .startsWith("<svg ")
        .contains("training loss", "validation loss", ">8<", ">200<");
    assertThat(svg).doesNotContain("NaN");
    assertThat(svg.split(" stroke-width=\"2\"")).hasSize(3);
  }

  @Test
  void pngShowsTheSame() throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(plot().png()));
    assertThat(image.getWidth()).isEqualTo(1600);
    int blue = 0;
    int orange = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 100; y < image.getHeight(); y++) {
        int rgb = image.getRGB(x, y) & 0xFFFFFF;
        blue += rgb == 0x2563EB ? 1 : 0;
        orange += rgb == 0xD9660B ? 1 : 0;
      }
    }
    assertThat(blue).isGreaterThan(1000);
    assertThat(orange).isGreaterThan(500);
  }

  @Test
  void anythingCanBeDrawn() {
    assertThat(new LossPlot(List.of(), List.of()).svg()).contains("training loss");
    assertThat(new LossPlot(List.of(step(1, 3)), List.of()).svg()).contains("M56.0 ");
    LossPlot flat = new LossPlot(List.of(step(1, 3), step(2, 3)), List.of());
    assertThat(flat.svg()).doesNotContain("NaN", "Infinity");
    assertThat(flat.png()).isNotEmpty();
  }
}
