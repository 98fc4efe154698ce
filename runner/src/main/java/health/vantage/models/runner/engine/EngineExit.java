package health.vantage.models.runner.engine;

/** How an engine ended, in words. */
final class EngineExit {
    /** A shell reports a signal as this plus its number. */
    private static final int SIGNALLED = 128;

    private EngineExit() {}

    static String describe(int code) {
        return switch (code) {
            case 0 -> "ended by itself (exit code 0)";
            case 126 -> "could not be started: its program is not executable (exit code 126)";
            case 127 -> "could not be started: its program was not found (exit code 127)";
            case SIGNALLED + 6 -> "crashed (SIGABRT)";
            case SIGNALLED + 9 -> "was killed (SIGKILL, most often for memory)";
            case SIGNALLED + 11 -> "crashed (SIGSEGV)";
            case SIGNALLED + 15 -> "ended (SIGTERM)";
            default -> "ended with exit code " + code;
        };
    }
}
