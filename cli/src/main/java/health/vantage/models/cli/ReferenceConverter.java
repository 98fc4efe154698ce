package health.vantage.models.cli;

import health.vantage.models.artifact.Reference;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads references on the command line. */
final class ReferenceConverter implements ITypeConverter<Reference> {
    @Override
    public Reference convert(String text) {
        try {
            return Reference.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
