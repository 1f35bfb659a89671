using Fovea.Data;
using Fovea.Imaging;
using Fovea.Training;
using Fovea.Training.Recipes;

namespace Fovea.Tests.Training;

public sealed class RecipeTests
{
    private const string Small = """
        model:
          name: lenet5
        optimizer: {name: sgd, learning_rate: 0.1}
        """;

    [Fact]
    public void Reads_a_full_recipe()
    {
        var recipe = Recipe.Parse("""
            # a comment
            description: >
              Two lines
              of text
            task: instance
            model: {name: maskrcnn_resnet18_fpn}
            data:
              folder: ../cells
              train_split: train
              classes: [red, white]
              ignore_values: [7, 255]
              faults: clip
              workers: 3
            preprocessing: {size_rule: shorter_longer, shorter_side: 480, longer_side: 640, mean: [0.1, 0.2, 0.3], std: [0.5, 0.5, 0.5], interpolation: bilinear}
            transforms:
              train:
                - horizontal_flip
                - colour_jitter: {brightness: 0.4, hue: [-0.1, 0.1]}
              resize_in_training: false
            batch_size: 4
            precision: bf16
            channels_last: true
            optimizer:
              name: adamw
              learning_rate: 1e-3
              betas: [0.9, 0.95]
              groups:
                - {parameters: "backbone.*", learning_rate_factor: 0.1}
                - {parameters: [a, b], weight_decay: 0}
            schedule: {name: multi_step, milestones: [6, 8.5], warmup_steps: 100}
            ema: {}
            clipping: {limit: 1}
            freeze: [backbone.stem.*]
            early_stopping: {patience: 3}
            """, "test.yaml");
        Assert.Equal("Two lines of text\n", recipe.Description);
        Assert.Equal(ModelTask.Instance, recipe.Task);
        Assert.Equal(["red", "white"], recipe.Data.Classes);
        Assert.Equal([7, 255], recipe.Data.IgnoreValues);
        Assert.Equal(FaultPolicy.Clip, recipe.Data.Faults);
        var preprocessing = recipe.Preprocessing!.ToPreprocessing();
        Assert.Equal((SizeRule.ShorterLonger, 480, 640, 0, Interpolation.Bilinear), (preprocessing.SizeRule, preprocessing.ShorterSide, preprocessing.LongerSide, preprocessing.Height, preprocessing.Interpolation));
        Assert.Equal([0.1f, 0.2f, 0.3f], preprocessing.Mean);
        Assert.Equal("horizontal_flip", recipe.Transforms.Train[0].Name);
        Assert.Equal("0.4", recipe.Transforms.Train[1].Parameters["brightness"].Text);
        Assert.False(recipe.Transforms.ResizeInTraining);
        Assert.Equal(RecipePrecision.Bf16, recipe.Precision);
        Assert.True(recipe.ChannelsLast);
        Assert.Equal([0.9, 0.95], recipe.Optimizer.Betas);
        Assert.Equal(["backbone.*"], recipe.Optimizer.Groups[0].Parameters);
        Assert.Equal(0, recipe.Optimizer.Groups[1].WeightDecay);
        Assert.Equal([6, 8.5], recipe.Schedule.Milestones);
        Assert.Equal(0.999, recipe.Ema!.Decay);
        Assert.Equal(ClippingKind.Norm, recipe.Clipping!.Name);
        Assert.Null(recipe.FineTuning);
        Assert.Equal(3, recipe.EarlyStopping!.Patience);
    }

    [Theory]
    [InlineData("batch_sise: 3", "line 4: batch_sise: there is no such key; did you mean 'batch_size'?")]
    [InlineData("nonsense: 3", "there are description, task, model")]
    [InlineData("batch_size: many", "line 4: batch_size: found 'many', expected a whole number")]
    [InlineData("batch_size: 2.5", "expected a whole number")]
    [InlineData("batch_size: 0", "batch_size: found 0, expected 1 to 65536")]
    [InlineData("batch_size:", "batch_size: found nothing, expected a whole number")]
    [InlineData("batch_size: [1]", "batch_size: found a list of 1, expected a whole number")]
    [InlineData("precision: fp23", "expected auto, fp32, bf16, fp16; did you mean 'fp32'?")]
    [InlineData("channels_last: 1", "expected true or false")]
    [InlineData("data: {folder: a, worker: 2}", "data.worker: there is no such key; did you mean 'workers'?")]
    [InlineData("data: folder", "data: found 'folder', expected keys with values")]
    [InlineData("ema: {decay: 1}", "ema.decay: found 1, expected 0 to 0.9999999")]
    [InlineData("ema: {decay: nan}", "expected a number")]
    [InlineData("clipping: {limit: 0}", "clipping.limit: found 0, expected above 0")]
    [InlineData("clipping: {}", "clipping.limit: found nothing, expected a number")]
    [InlineData("schedule: {name: cosine, gamma: 0.1}", "schedule.gamma: has no meaning here, it is only for step, multi_step, plateau")]
    [InlineData("schedule: {name: multi_step}", "schedule.milestones: found none")]
    [InlineData("schedule: {name: multi_step, milestones: [5, 3]}", "line 4: schedule.milestones: found epochs out of order")]
    [InlineData("schedule: {warmup_epochs: 11}", "at most the 10 epochs")]
    [InlineData("schedule: {warmup_epochs: 1, warmup_steps: 1}", "one of the two")]
    [InlineData("preprocessing: {size_rule: keep, mean: [0, 0]}", "preprocessing.mean: found 2 numbers, expected 3 for rgb")]
    [InlineData("preprocessing: {size_rule: keep, channels: rgbd, std: [1, 1, 1, 1]}", "preprocessing.mean: found 3 numbers, expected 4 for rgbd")]
    [InlineData("preprocessing: {size_rule: keep, mean: [123, 116, 103]}", "preprocessing.mean: found 123, expected 0 to 1 for colour and grey")]
    [InlineData("preprocessing: {size_rule: keep, channels: grey, mean: 0.5}", "preprocessing.std: found 3 numbers, expected 1 for grey")]
    [InlineData("preprocessing: {size_rule: keep, channels: unchanged}", "expected rgb, grey or rgbd")]
    [InlineData("preprocessing: {size_rule: exact, height: 5}", "preprocessing.width: found nothing, expected the pixels that size_rule: exact asks for")]
    [InlineData("preprocessing: {size_rule: exact, height: 5, width: 5, longer_side: 9}", "line 4: preprocessing.longer_side: has no meaning here, it is only for shorter_longer")]
    [InlineData("preprocessing: {size_rule: shorter_longer, shorter_side: 9, longer_side: 5}", "found 5, expected at least the shorter side, 9")]
    [InlineData("preprocessing: {}", "preprocessing.size_rule: found nothing")]
    [InlineData("data: {classes: [red, white, red]}", "data.classes: found 'red' twice")]
    [InlineData("data: {format: image_folder}", "line 4: data.format: found 'image_folder', expected one of image-folder")]
    [InlineData("data: {ignore_values: 256}", "data.ignore_values: found 256, expected 0 to 255")]
    [InlineData("transforms: {train: [{flip: {p: 1}, crop: {}}]}", "transforms.train.0: found a map with flip, crop")]
    [InlineData("transforms: {train: [flip: 0.5]}", "found '0.5' under flip, expected parameters by name")]
    [InlineData("transforms: {train: [horizontal_flip, vertical_flop]}", "line 4: transforms.train.1: transform 'vertical_flop' is not known")]
    [InlineData("transforms: {eval: [horizontal_flip: {probabilty: 1}]}", "did you mean 'probability'?")]
    [InlineData("transforms: {eval: [pad: {padding: 2}, horizontal_flip]}", "line 4: transforms.eval.1: transform 'horizontal_flip' is drawn by chance")]
    [InlineData("transforms: {eval: [greyscale: {probability: 0.5}]}", "transforms.eval.0: transform 'greyscale' is drawn by chance")]
    [InlineData("transforms: {eval: [horizontal_flip: {probability: 2}]}", "transforms.eval.0: transform 'horizontal_flip': probability: found 2")]
    [InlineData("model: {name: other}", "line 4: found the key 'model' twice")]
    [InlineData("freeze: &a [x]", "anchor")]
    [InlineData("freeze: !!str x", "tag")]
    [InlineData("freeze: [x", "no YAML")]
    [InlineData("--- {}", "second document")]
    [InlineData("batch_size: 3\n---\nepochs: 4", "second document")]
    public void Says_what_is_wrong_and_where(string line, string message)
    {
        var error = Assert.Throws<FoveaException>(() => Recipe.Parse($"{Small}\n{line}\n", "my.yaml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("my.yaml", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_every_fault_at_once()
    {
        var error = Assert.Throws<FoveaException>(() => Recipe.Parse("model: {nam: x}\nepochs: -1\noptimizer: {name: sdg}\n", "my.yaml"));
        Assert.Equal(
            [
                "my.yaml, line 1: model.nam: there is no such key; did you mean 'name'?",
                "my.yaml, line 2: epochs: found -1, expected 1 to 1000000",
                "my.yaml, line 3: optimizer.name: found 'sdg', expected sgd, adam, adamw, rmsprop; did you mean 'sgd'?",
                "my.yaml, line 3: optimizer.learning_rate: found nothing, expected a number",
            ],
            error.Message.Split("; my.yaml").Select(static (line, i) => i == 0 ? line : "my.yaml" + line));
        Assert.Contains("model: found nothing", Assert.Throws<FoveaException>(() => Recipe.Parse("", "my.yaml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_not_followed()
    {
        var error = Assert.Throws<FoveaException>(() => Recipe.Parse("freeze: " + new string('[', 100_000), "my.yaml"));
        Assert.Contains("nested more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_in_words()
    {
        var good = File.ReadAllText(Path.Combine(TestRepository.Root, "recipes", "retinanet_resnet18_cells.yaml"));
        const string Letters = "{}[]:,-#&*!|>'\"%@`?\n\t 0e.~a\0\u00e9\ud800";
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 500; i++)
        {
            var broken = good.ToCharArray();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
                broken[random.Next(broken.Length)] = Letters[random.Next(Letters.Length)];
            try
            {
                Recipe.Parse(new string(broken, 0, random.Next(10) == 0 ? random.Next(broken.Length) : broken.Length), "my.yaml");
            }
            catch (FoveaException e)
            {
                Assert.Contains("my.yaml", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(refused > 150);
    }

    [Fact]
    public void Overrides_replace_values_and_are_checked_alike()
    {
        const string Text = Small + "\ntransforms: {train: [horizontal_flip, random_crop: {size: 3}]}\n";
        var recipe = Recipe.Parse(Text, "my.yaml", ["optimizer.learning_rate=0.5", "epochs=3", "data.classes=[a, b]", "ema.decay=0.5",
            "transforms.train.1.random_crop.size=[1, 2]", "transforms.train.0.horizontal_flip.probability=1", "channels_last=", "data.folder=/a=b"]);
        Assert.Equal(0.5, recipe.Optimizer.LearningRate);
        Assert.Equal(3, recipe.Epochs);
        Assert.Equal(["a", "b"], recipe.Data.Classes);
        Assert.Equal(0.5, recipe.Ema!.Decay);
        Assert.Equal(2, recipe.Transforms.Train[1].Parameters["size"].Items!.Count);
        Assert.Equal("1", recipe.Transforms.Train[0].Parameters["probability"].Text);
        Assert.Null(recipe.ChannelsLast);
        Assert.Equal("/a=b", recipe.Data.Folder);
        foreach (var (assignment, message) in new[]
        {
            ("epoch=3", "--set epoch=3: epoch: there is no such key; did you mean 'epochs'?"), ("epochs=x", "--set epochs=x: epochs: found 'x'"),
            ("epochs", "expected a key and a value"), ("transforms.train.2.x=1", "the 2 entries"), ("model.name.x=1", "not a group of keys"),
            ("ema=1", "--set ema=1: ema: found '1', expected keys with values"),
        })
        {
            var error = Assert.Throws<FoveaException>(() => Recipe.Parse(Text, "my.yaml", [assignment]));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_effective_recipe_reads_back_as_itself()
    {
        foreach (var kind in new[] { "sgd", "adam", "adamw", "rmsprop" })
        {
            var recipe = Recipe.Parse(Small + "\ntransforms: {train: [horizontal_flip, random_crop: {size: [3, 4], padding: null}]}\nema: {}\ndescription: 'null'",
                "my.yaml", [$"optimizer.name={kind}", "optimizer.groups=[{parameters: 'a*: b', learning_rate_factor: 1e-20}]", "metric=\"#x\"", "data.ignore_values=255"]);
            var yaml = recipe.ToYaml();
            var again = Recipe.Parse(yaml, "effective.yaml");
            Assert.Equal(yaml, again.ToYaml());
            Assert.Equal("null", again.Description);
            Assert.Equal("#x", again.Metric);
            Assert.Equal("4", again.Transforms.Train[1].Parameters["size"].Items![1].Text);
            Assert.True(again.Transforms.Train[1].Parameters["padding"].IsNull);
            Assert.Equal(1e-20, again.Optimizer.Groups[0].LearningRateFactor);
            Assert.Equal("a*: b", again.Optimizer.Groups[0].Parameters[0]);
            Assert.Contains("batch_size: 16\n", yaml, StringComparison.Ordinal);
            Assert.Equal(kind == "sgd", yaml.Contains("nesterov", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_reference_page_is_current()
    {
        var path = Path.Combine(TestRepository.Root, "docs", "recipe.md");
        var current = RecipeReference.ToMarkdown();
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1")
            File.WriteAllText(path, current);
        Assert.True(File.ReadAllText(path) == current, "docs/recipe.md is out of date; run the tests once with FOVEA_UPDATE_DOCS=1");
    }

    [Fact]
    public void Patterns_choose_names_and_a_pattern_without_any_is_an_error()
    {
        string[] names = ["backbone.conv1.weight", "backbone.bn1.weight", "head.weight"];
        Assert.Equal(["backbone.conv1.weight", "backbone.bn1.weight"], NamePattern.Select(names, ["backbone.*"], "freeze"));
        Assert.Equal(["backbone.bn1.weight"], NamePattern.Select(names, ["*.bn?.*"], "freeze"));
        Assert.Empty(NamePattern.Select(names, [], "freeze"));
        Assert.Contains("did you mean 'head.weight'?", Assert.Throws<FoveaException>(() => NamePattern.Select(names, ["head.wieght"], "freeze")).Message, StringComparison.Ordinal);
    }
}
