// A network and a loss of one's own in the trainer: digits of the MNIST family, told apart by margins.
//   dotnet run --project samples/OwnNetwork IDX-FOLDER [EPOCHS]
using System.Globalization;
using Fovea;
using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;

var epochs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
var (train, test) = (Dataset.Open(args[0], split: "train"), Dataset.Open(args[0], split: "t10k"));
RandomState.Seed(1);
using var network = new MarginNetwork(train.Labels.Count);
DataLoader Loader(IDataset data, bool shuffle) => new(data, network.Task, network.Preprocessing, new LoaderOptions { BatchSize = 32, Shuffle = shuffle });
using var trainer = new Trainer(new TrainingParts
{
    Recipe = new Recipe
    {
        Model = new ModelSection { Name = "margin network" },
        Optimizer = new OptimizerSection { Name = OptimizerKind.Adam, LearningRate = 0.002 },
        Epochs = epochs,
    },
    Model = network, Training = Loader(train, true), Validation = Loader(test, false), Labels = train.Labels,
});
trainer.Listen(new Voice());
trainer.Run();

internal sealed class MarginNetwork : ImageClassifier
{
    private readonly Sequential layers;

    public MarginNetwork(int classes)
    {
        layers = Child("layers", new Sequential(
            new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2), new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(32 * 5 * 5, classes)));
        Preprocessing = new Preprocessing { Channels = Fovea.Imaging.ImageChannels.Grey, Mean = [0.1307f], Std = [0.3081f] };
    }

    public override IReadOnlyList<string> HeadPrefixes => ["layers.7."];

    public override Tensor Logits(Tensor images) => layers.Forward(images);

    // Weston and Watkins' hinge: every wrong class must stay a margin of 1 below the right one, which itself always costs 1.
    public override LossTerms Loss(Batch batch)
    {
        var scores = Logits(batch.Images);
        var right = scores.Gather(1, batch.Labels!.Unsqueeze(1));
        return new LossTerms().Add("margin", (scores - right + 1).Relu().Sum([1]).Mean() - 1);
    }
}

internal sealed class Voice : ITrainingListener
{
    public void Evaluated(int epoch, Evaluation evaluation, bool isBest) => Console.WriteLine($"epoch {epoch}: top1 {evaluation.Metrics["top1"]:0.0000}");
}
