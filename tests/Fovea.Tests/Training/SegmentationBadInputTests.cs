using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Imaging;
using Fovea.Losses;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Tests.Data;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Tests;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>What goes wrong with pictures and masks is one line that names the file, before or while a network trains.</summary>
[LeakCheck]
public sealed class SegmentationBadInputTests
{
    private const string Recipe = "model: {name: unet}\noptimizer: {name: sgd, learning_rate: 0.1}\npreprocessing: {size_rule: keep, size_multiple: 16}\nepochs: 1\nbatch_size: 2\n";

    [Fact]
    public void A_mask_of_another_size()
    {
        using var folder = Pairs();
        folder.Mask("masks/b.png", 8, 9, new byte[72]);
        Fails(folder, "masks/b.png: size: found 9x8, expected 8x8, the size of its picture");
        Checked(folder, FaultKind.MaskSize, "masks/b.png");
    }

    [Fact]
    public void A_value_that_is_no_class()
    {
        using var folder = Pairs();
        folder.Mask("masks/b.png", 8, 8, [.. Enumerable.Repeat((byte)0, 63), 9]);
        Fails(folder, "masks/b.png: values: found values 0: 98.44 %, 9: 1.56 %, expected 0 (ground)");
        Checked(folder, FaultKind.MaskValues, "masks/b.png");
    }

    [Fact]
    public void A_mask_that_counts_from_one()
    {
        using var folder = Pairs();
        folder.Mask("masks/b.png", 8, 8, [.. Enumerable.Repeat((byte)1, 32), .. Enumerable.Repeat((byte)2, 32)]);
        Fails(folder, "where 0 is no class and 1 is ground, say so (--first-class-value 1");
        folder.Mask("masks/a.png", 8, 8, [.. Enumerable.Repeat((byte)1, 32), .. Enumerable.Repeat((byte)2, 32)]);
        foreach (var name in new[] { "c", "d" })
            File.Delete(folder.At($"masks/{name}.png"));
        foreach (var name in new[] { "c", "d" })
            File.Delete(folder.At($"images/{name}.png"));
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        Assert.Contains(report.Problems, static problem => problem.Kind == FaultKind.MaskValues && problem.Found == "1 to 2, never 0");
    }

    [Fact]
    public void A_mask_of_black_and_white_among_more_classes()
    {
        using var folder = Pairs();
        folder.Mask("masks/b.png", 8, 8, [.. Enumerable.Repeat((byte)0, 32), .. Enumerable.Repeat((byte)255, 32)]);
        var dataset = Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b", "c"]));
        var fault = Assert.Throws<DataException>(() => dataset.Load(1));
        Assert.Equal("values 0: 50 %, 255: 50 %", fault.Found);
        Assert.Contains("a mask of 0 and 255 has two classes", fault.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void A_palette_mask_that_was_saved_as_a_picture()
    {
        using var folder = Pairs();
        folder.Save("masks/b.png", new Image(new ImageSize(8, 8), 3, [.. Enumerable.Range(0, 192).Select(static i => (byte)(i % 3 == 0 ? 128 : 0))]));
        Fails(folder, "masks/b.png: values: found 3 channels of colour, expected palette indices or grey values");
        Checked(folder, FaultKind.MaskValues, "masks/b.png");
    }

    [Fact]
    public void A_mask_without_a_class_is_warned_of_and_trains_nothing()
    {
        using var folder = Pairs();
        folder.Mask("masks/b.png", 8, 8, [.. Enumerable.Repeat((byte)7, 64)]);
        var options = new DatasetOptions { Labels = new LabelSpace(["ground", "thing"]), PixelValues = new Dictionary<byte, string> { [7] = "ignore" } };
        var problem = Assert.Single(DatasetCheck.Run(folder.Path, options).Problems, static problem => problem.Kind == FaultKind.MaskValues);
        Assert.Equal((Severity.Warning, folder.At("masks/b.png"), "no pixel with a class"), (problem.Severity, problem.File, problem.Found));
        using var scope = new TensorScope();
        var logits = Tensor.Randn([1, 2, 4, 4]);
        logits.RequiresGrad = true;
        foreach (var kind in Enum.GetValues<LossKind>())
        {
            logits.Gradient = null;
            var loss = LossFactory.Create([new LossSection { Name = kind }], 2).Single().Loss.Compute(logits, Tensor.Full([1, 4, 4], 255, Dtype.Int64));
            Assert.Equal(0, loss.ToDouble(), 1e-9);
            loss.Backward();
            Assert.Equal(0, logits.Gradient!.Abs().Sum().ToDouble());
        }
    }

    [Fact]
    public void An_image_that_is_too_small_for_the_network()
    {
        using var scope = new TensorScope();
        using var network = new Halving();
        using var batch = new Batch
        {
            Images = Tensor.Zeros([2, 3, 6, 8]),
            Origins = [new ImageOrigin("large.png", "1", new ImageSize(6, 8), new ImageSize(6, 8)), new ImageOrigin("small.png", "2", new ImageSize(3, 5), new ImageSize(3, 5))],
            Maps = Tensor.Zeros([2, 6, 8], Dtype.Int64),
        };
        var fault = Assert.Throws<DataException>(() => SmallImages.Guard(batch, () => network.Loss(batch)));
        Assert.StartsWith("small.png: size: found 5x3 in a batch of 8x6, expected an image that the network can halve", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_single_picture_left_at_the_end_of_an_epoch()
    {
        using var folder = Pairs();
        foreach (var name in new[] { "e", "f" })
            folder.Pair(name, 8, 8, [.. Enumerable.Repeat((byte)0, 32), .. Enumerable.Repeat((byte)1, 32)]);
        // Of three pictures to train on one is left, whose map at the neck of a U-Net is one cell.
        Fails(folder, "one value a channel");
        Assert.Equal(1, Train(folder, "drop_last: true\n").State.Step);
        var error = Assert.Throws<FoveaException>(() => Train(folder, "drop_last: true\n", "batch_size=4"));
        Assert.Contains("found 3 images, expected a batch_size (4) of them or more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_alone_whose_mean_is_normalised()
    {
        using var scope = new TensorScope();
        using var network = ModelCatalog.Find("bisenet_resnet18").Build(new ModelOptions { Outputs = 2 });
        using var batch = new Batch
        {
            Images = Tensor.Randn([1, 3, 64, 64]), Origins = [new ImageOrigin("alone.png", "1", new ImageSize(64, 64), new ImageSize(64, 64))], Maps = Tensor.Zeros([1, 64, 64], Dtype.Int64),
        };
        var fault = Assert.Throws<FoveaException>(() => LoneImages.Guard(network, batch, () => network.Loss(batch)));
        Assert.StartsWith("alone.png: found it alone in its batch, of which batch normalisation 'cp.conv_avg.bn' of BiSeNet sees [1, 128, 1, 1]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_with_a_missing_half()
    {
        using var folder = Pairs();
        File.Delete(folder.At("masks/b.png"));
        Fails(folder, "images/b.png: found no mask, expected a mask named b.png");
        Checked(folder, FaultKind.AnnotationMissing, "images/b.png");
    }

    private static TempFolder Pairs()
    {
        var folder = new TempFolder();
        foreach (var name in new[] { "a", "b", "c", "d" })
            folder.Pair(name, 8, 8, [.. Enumerable.Repeat((byte)0, 32), .. Enumerable.Repeat((byte)1, 32)]);
        return folder;
    }

    private static Trainer Train(TempFolder folder, string more = "", params string[] overrides)
    {
        var recipe = Fovea.Training.Recipe.Parse($"{Recipe}{more}data: {{folder: '{folder.Path}', classes: [ground, thing], validation_fraction: 0.5}}", "my.yaml", overrides);
        using var session = TrainingSession.Start(recipe, "my", folder.At($"run{Guid.NewGuid()}"), Device.Cpu);
        session.Trainer.Run();
        return session.Trainer;
    }

    private static void Fails(TempFolder folder, string message)
    {
        var error = Assert.ThrowsAny<FoveaException>(() => Train(folder));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void Checked(TempFolder folder, FaultKind kind, string file)
    {
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions { Labels = new LabelSpace(["ground", "thing"]) });
        Assert.Equal((kind, folder.At(file)), Assert.Single(report.Problems, static problem => problem.Severity == Severity.Error) is var problem ? (problem.Kind, problem.File) : default);
    }

    /// <summary>Halves until nothing is left of small images.</summary>
    private sealed class Halving : Segmenter
    {
        private readonly Conv2d score;

        public Halving() => score = Child("score", new Conv2d(3, 2, 1));

        public override IReadOnlyList<string> HeadPrefixes => ["score."];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", BatchLogits(images))];

        protected override Tensor BatchLogits(Batch batch) => BatchLogits(batch.Images);

        private Tensor BatchLogits(Tensor images)
        {
            for (var i = 0; i < 4; i++)
                images = images.MaxPool2d([2, 2]);
            return score.Forward(images);
        }
    }
}
