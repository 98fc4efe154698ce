package health.vantage.models.runner.bench;

import java.nio.ByteBuffer;
import java.util.Optional;

/** The peer named by the system property {@code bench.peer}, for the cases that it can do: one FP32 input. */
record PeerOf(Optional<Peer> peer, long answerBytes) implements AutoCloseable {
    static PeerOf of(Case one, int threads) throws Exception {
        String name = System.getProperty("bench.peer", "");
        if (name.isEmpty() || !one.name().equals("det")) {
            return new PeerOf(Optional.empty(), 0);
        }
        Peer peer = (Peer) Class.forName(name).getConstructor().newInstance();
        Case.Input input = one.inputs().getFirst();
        peer.open(one.onnx(), input.bytes().duplicate(), input.shape().toArray(), threads);
        return new PeerOf(Optional.of(peer), one.output().bytes());
    }

    Optional<Load.Request> request() {
        return peer.map(of -> () -> {
            ByteBuffer answer = of.run();
            if (answer.remaining() != answerBytes) {
                throw new IllegalStateException(
                        "the peer answered " + answer.remaining() + " bytes, expected " + answerBytes);
            }
        });
    }

    @Override
    public void close() {
        peer.ifPresent(Peer::close);
    }
}
