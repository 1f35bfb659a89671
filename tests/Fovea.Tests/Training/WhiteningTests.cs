using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Tests.Transforms;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Global contrast normalisation and ZCA whitening, from the formula to a prediction.</summary>
[LeakCheck]
public class WhiteningTests
{
    [Fact]
    public void Contrast_is_scaled_and_whitened_as_NumPy_does_it()
    {
        using var scope = new TensorScope();
        var images = Enumerable.Range(0, 7).Select(i => ($"{i}", Scenes.RandomImage(new ImageSize(4, 5), 3, i))).ToList();
        images[3] = ("flat", new Image(new ImageSize(4, 5), 3, [.. Enumerable.Repeat((byte)9, 60)]));
        var plain = new Preprocessing { Mean = [0, 0, 0], Std = [1, 1, 1] };
        using var before = Collation.ForPrediction(images, plain);
        using var contrasted = Collation.ForPrediction(images, plain with { ContrastNorm = 55 });
        var whitening = Whitening.Fit([contrasted.Images.Narrow(0, 0, 4), contrasted.Images.Narrow(0, 4, 3)], 0.1);
        using var whitened = Collation.ForPrediction(images, plain with { ContrastNorm = 55, Whitening = whitening });
        using var last = Collation.ForPrediction(images, plain with { ContrastNorm = 55, Whitening = whitening }, channelsLast: true);
        var reference = PythonReference.Run(
            """
            x = x.reshape(7, 60).astype(float); x = x - x.mean(1, keepdims=True); n = np.sqrt((x ** 2).sum(1, keepdims=True)); n[n < 1e-8] = 1; x = 55 * x / n
            out['g'] = x; mu = x.mean(0); C = (x - mu).T @ (x - mu) / 7 + 0.1 * np.eye(60); w, U = np.linalg.eigh(C); P = U @ np.diag(w ** -0.5) @ U.T
            out['m'] = mu; out['p'] = P; out['z'] = (x - mu) @ P; out['i'] = P.T @ C @ P
            """, ("x", new NdArray(before.Images.ToArray<float>(), 7, 3, 4, 5)));
        Assert.Equal(reference.Floats("g"), contrasted.Images.ToArray<float>(), Near(1e-3f));
        Assert.Equal(reference.Floats("m"), whitening.Mean, Near(1e-4f));
        Assert.Equal(reference.Floats("p"), whitening.Matrix, Near(1e-4f));
        Assert.Equal(reference.Floats("z"), whitened.Images.ToArray<float>(), Near(2e-3f));
        Assert.Equal(whitened.Images.ToArray<float>(), last.Images.Contiguous().ToArray<float>());
        Assert.True(last.Images.IsContiguous(MemoryFormat.ChannelsLast));
        for (var i = 0; i < 60; i++)
        {
            for (var j = 0; j < 60; j++)
                Assert.Equal(whitening.Matrix[i * 60 + j], whitening.Matrix[j * 60 + i], 1e-5f);
        }

        // Every picture has the length asked for, but the one without contrast.
        for (var i = 0; i < 7; i++)
            Assert.Equal(i == 3 ? 0 : 55, Math.Sqrt(contrasted.Images[i].ToArray<float>().Sum(static v => (double)v * v)), 1e-3);
    }

    [Fact]
    public void Pictures_of_another_size_are_refused()
    {
        using var scope = new TensorScope();
        var whitening = Whitening.Fit([Tensor.Randn([3, 1, 2, 2])], 0.1);
        Assert.Contains("with 9 numbers each, expected the 4", Assert.Throws<FoveaException>(() => whitening.Apply(Tensor.Randn([1, 1, 3, 3]))).Message, StringComparison.Ordinal);
        Assert.Contains("expected one size", Assert.Throws<FoveaException>(() => Whitening.Fit([Tensor.Randn([1, 1, 2, 2]), Tensor.Randn([1, 1, 3, 3])], 0.1)).Message, StringComparison.Ordinal);
        Assert.Contains("found no training pictures", Assert.Throws<FoveaException>(() => Whitening.Fit([], 0.1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_fitted_travels_with_the_weights_and_is_used_in_prediction()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8);
        var recipe = Recipe.Parse(
            $$"""
            model: { name: lenet5 }
            data: { folder: '{{data}}', validation_fraction: 0.5 }
            preprocessing: { size_rule: exact, height: 28, width: 28, channels: grey, mean: [0], std: [1], contrast_norm: 28, zca_epsilon: 0.1 }
            batch_size: 4
            epochs: 2
            views: { flips: true }
            precision: fp32
            optimizer: { name: adam, learning_rate: 0.001 }
            """, "my.yaml");
        using (var session = TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu))
            session.Trainer.Run();
        var folder = RunFolder.Open(temp.File("run"));
        Whitening fitted;
        using (var file = WeightsFile.Open(folder.Best))
            fitted = Checkpoint.WhiteningOf(file)!;
        Assert.Equal(784, fitted.Mean.Count);
        using var predictor = Predictor.Load(folder.Path, precision: RecipePrecision.Fp32);
        Assert.Equal(fitted.Matrix, predictor.Model.Preprocessing.Whitening!.Matrix);
        Assert.Equal(28, predictor.Model.Preprocessing.ContrastNorm);
        // So do the views of the recipe.
        Assert.True(predictor.Views.Flips);
        var loss = RunMetrics.Of(folder, 2)["loss"];
        using (var last = Predictor.Load(folder.Last, precision: RecipePrecision.Fp32))
        {
            last.Views = new TestViews();
            Assert.Equal(loss, ModelEvaluation.Run(last, ModelEvaluation.Open(last, folder.Last, null, null), 4, false).Metrics["loss"], 1e-5);
        }

        using (var again = TrainingSession.Continue(folder))
            Assert.Equal(fitted.Matrix, again.Model.Preprocessing.Whitening!.Matrix);
    }

    private static Func<float, float, bool> Near(float tolerance) => (a, b) => Math.Abs(a - b) < tolerance;
}
