import java.io.FileInputStream;
import java.util.Collection;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Says of each file named whether veraPDF finds it to be PDF/A-3a, and which rule it breaks. */
public final class Validate {
  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    boolean isEach = true;
    for (String file : files) {
      ValidationResult found = validate(file);
      isEach &= found.isCompliant();
      System.out.println((found.isCompliant() ? "pass " : "FAIL ") + file);
      show(found.getTestAssertions());
    }
    System.exit(isEach ? 0 : 1);
  }

  private static ValidationResult validate(String file) throws Exception {
    PDFAFlavour flavour = PDFAFlavour.PDFA_3_A;
    try (FileInputStream stream = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour)) {
      return Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
    }
  }

  private static void show(Collection<TestAssertion> assertions) {
    for (TestAssertion each : assertions) {
      if (each.getStatus() == TestAssertion.Status.FAILED) {
        System.out.println("     ISO 19005-3 " + each.getRuleId().getClause() + ": " + each.getMessage());
      }
    }
  }
}
