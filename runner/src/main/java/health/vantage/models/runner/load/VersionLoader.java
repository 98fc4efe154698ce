package health.vantage.models.runner.load;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.backend.Availability.Available;
import health.vantage.models.runner.backend.Availability.Unavailable;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.ExternalModel;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * From files to a version that may answer: load, compare inputs and outputs with the metadata, warm up, run the golden sample. The
 * same steps in the preflight and before serving.
 */
public final class VersionLoader {
    /** The reason in conditions when a version fails here; DESIGN.md section 5 lists the reasons. */
    public static final String PREFLIGHT_FAILED = "PreflightFailed";

    private final Backends backends;
    private final LoadOptions options;
    private final TensorPool pool;
    private final AtomicLong moves = new AtomicLong();

    public VersionLoader(Backends backends, LoadOptions options, TensorPool pool) {
        this.backends = backends;
        this.options = options;
        this.pool = pool;
    }

    /**
     * @param folder the folder that holds {@code models/}
     * @return a version with the caller as its only holder
     * @throws LoadFailure with the step that failed
     */
    public ServedVersion load(Digest digest, ModelContract contract, Path folder) throws LoadFailure {
        return load(digest, contract, folder, options.device(), () -> false);
    }

    /** @param gpu to load on, where there are some; @param unwanted asked while loading takes long; {@code true} ends it */
    public ServedVersion load(Digest digest, ModelContract contract, Path folder, int gpu, BooleanSupplier unwanted)
            throws LoadFailure {
        String device = device(contract, gpu);
        moves.incrementAndGet();
        MemoryMark before = MemoryMark.now(device, pool);
        try {
            LoadedModel model = open(
                    contract,
                    folder,
                    options.forModel(digest.hex()).onDevice(gpu).until(unwanted));
            return proven(digest, contract, folder, model, device, before);
        } finally {
            moves.incrementAndGet();
        }
    }

    private ServedVersion proven(
            Digest digest, ModelContract contract, Path folder, LoadedModel model, String device, MemoryMark before)
            throws LoadFailure {
        boolean fit = false;
        try {
            if (model instanceof ExternalModel) {
                refuseGolden(contract, folder);
                fit = true;
                return new ServedVersion(digest, contract, model);
            }
            Optional<String> breach = contract.breach(model.inputs(), model.outputs());
            if (breach.isPresent()) {
                throw new LoadFailure(PREFLIGHT_FAILED, contract.name() + ": " + breach.get());
            }
            warmUp(contract, model);
            Optional<GoldenSample> golden = GoldenSample.find(folder);
            if (golden.isPresent()) {
                golden.get().check(model, pool);
            }
            ServedVersion version = new ServedVersion(digest, contract, model);
            before.grownTo(MemoryMark.now(device, pool)).ifPresent(version::measured);
            fit = true;
            return version;
        } finally {
            if (!fit) {
                model.close();
            }
        }
    }

    /** Changes with every load that begins or ends. */
    long moves() {
        return moves.get();
    }

    /** A sample that nobody checks would look like a proof. */
    private static void refuseGolden(ModelContract contract, Path folder) throws LoadFailure {
        if (GoldenSample.find(folder).isPresent()) {
            throw new LoadFailure(
                    PREFLIGHT_FAILED,
                    contract.name() + ": models/golden/sample.json holds tensors, which an engine of format "
                            + contract.format() + " does not take; publish it without");
        }
    }

    /** Whether versions of this format run in processes of their own; {@code false} where nothing runs them. */
    public boolean ownProcess(String format) {
        try {
            return backends.forFormat(format).ownProcess();
        } catch (BackendException e) {
            // Loading says it in full.
            return false;
        }
    }

    private String device(ModelContract contract, int gpu) {
        try {
            return switch (backends.probed().get(backends.forFormat(contract.format()))) {
                case Available available -> available.deviceFor(gpu);
                case Unavailable _ -> "";
            };
        } catch (BackendException e) {
            // Loading says it in full.
            return "";
        }
    }

    private LoadedModel open(ModelContract contract, Path folder, LoadOptions loading) throws LoadFailure {
        try {
            Backend backend = backends.forFormat(contract.format());
            ModelFiles files = backend.ownProcess()
                    ? ModelFiles.all(folder, contract.declared())
                    : ModelFiles.find(folder, backend.fileSuffix(), contract.declared());
            return backend.load(files, loading);
        } catch (BackendException e) {
            throw new LoadFailure(PREFLIGHT_FAILED, contract.name() + ": " + e.getMessage(), e);
        }
    }

    /** The first run allocates and picks kernels; no caller should wait for that. */
    private void warmUp(ModelContract contract, LoadedModel model) throws LoadFailure {
        List<Tensor> blank = new ArrayList<>();
        try {
            for (TensorSpec input : model.inputs()) {
                Shape shape = promised(input, contract).withOpenDims(1);
                Tensor tensor = new Tensor(input.name(), input.type(), shape, pool.lend(shape.bytes(input.type())));
                zero(tensor);
                blank.add(tensor);
            }
            model.run(blank, model.outputs().stream().map(TensorSpec::name).toList(), pool, new Cancellation())
                    .forEach(Tensor::close);
        } catch (BackendException e) {
            throw new LoadFailure(
                    PREFLIGHT_FAILED, contract.name() + " fails its first run, on zeros: " + e.getMessage(), e);
        } finally {
            blank.forEach(Tensor::close);
        }
    }

    /** The metadata tells the first input's shape; tokens and their mask, say, share their open dimensions with it. */
    private static Shape promised(TensorSpec input, ModelContract contract) {
        return input.shape().agreesWith(contract.input()) ? input.shape().narrowedBy(contract.input()) : input.shape();
    }

    private static void zero(Tensor tensor) {
        MemorySegment.ofBuffer(tensor.data().bytes().clear()).fill((byte) 0);
    }
}
