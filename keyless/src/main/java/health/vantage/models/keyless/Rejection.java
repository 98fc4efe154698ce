package health.vantage.models.keyless;

/** A signature that does not count; the message is a clause about it. */
final class Rejection extends Exception {
    private static final int LONGEST = 300;

    Rejection(String why) {
        super(why);
    }

    Rejection(String why, Throwable cause) {
        super(why + ": " + sentence(cause), cause);
    }

    /** The library's messages have several lines, and quote what strangers wrote. */
    static String sentence(Throwable cause) {
        StringBuilder all = new StringBuilder();
        for (Throwable e = cause; e != null && all.length() < LONGEST; e = e.getCause()) {
            String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            if (all.indexOf(text) < 0) {
                all.append(all.isEmpty() ? "" : ": ").append(text);
            }
        }
        String line = all.toString().replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
