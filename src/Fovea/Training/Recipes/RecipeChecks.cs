using System.Globalization;
using Fovea.Data;
using Fovea.Data.Statistics;
using Fovea.Imaging;

namespace Fovea.Training.Recipes;

/// <summary>What keys of a recipe ask of one another.</summary>
internal static class RecipeChecks
{
    public static IEnumerable<(string Key, string Text)> Problems(Recipe recipe) =>
        [.. Loss(recipe.Loss, recipe.Epochs), .. Stages(recipe), .. Mixing(recipe.Mixing), .. Optimizer(recipe.Optimizer), .. Schedule("schedule", recipe.Schedule, recipe.Epochs), .. Preprocessing(recipe.Preprocessing), .. Data(recipe.Data),
            .. Transforms("train", recipe.Transforms.Train), .. Transforms("eval", recipe.Transforms.Eval)];

    private static IEnumerable<(string Key, string Text)> Loss(IReadOnlyList<LossSection> parts, int epochs)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts.Take(i).Any(before => before.Name == parts[i].Name))
                yield return ($"loss.{i}.name", $"found '{RecipeShape.SnakeCase(parts[i].Name.ToString())}' twice, expected every loss once, with a weight");
            if (parts[i] is { ClassWeights: not null, ClassWeighting: not null })
                yield return ($"{LossKey(parts, i)}.class_weighting", "found beside class_weights, expected one of the two");
            if (parts[i] is { ClassWeighting: ClassWeighting.NegativeRatio, Name: not LossKind.BinaryCrossEntropy })
                yield return ($"{LossKey(parts, i)}.class_weighting", "found negative_ratio, expected it with binary_cross_entropy and several labels an image; inverse_frequency weighs classes of which one is true");
            if (parts[i].Schedule is { } schedule && schedule.EndEpoch < schedule.StartEpoch)
                yield return ($"{LossKey(parts, i)}.schedule.end_epoch", $"found {schedule.EndEpoch}, expected at least start_epoch, {schedule.StartEpoch}");
            if (parts[i] is { Sigmoid: true, ClassWeights: not null })
                yield return ($"{LossKey(parts, i)}.class_weights", "found beside sigmoid: true, expected alpha, which weighs what belongs to a class against what does not");
            if (parts[i] is { Sigmoid: false, Alpha: not null })
                yield return ($"{LossKey(parts, i)}.alpha", "found without sigmoid: true, expected class_weights for the softmax form");
        }

        for (var epoch = 0; epoch < epochs && parts.Count > 0; epoch++)
        {
            if (parts.Any(part => part.WeightAt(epoch) > 0))
                continue;
            yield return ("loss", string.Create(CultureInfo.InvariantCulture, $"found weights of 0 alone in epoch {epoch}, expected one above 0 in every epoch"));
            yield break;
        }
    }

    private static string LossKey(IReadOnlyList<LossSection> parts, int index) => parts.Count == 1 ? "loss" : $"loss.{index}";

    private static IEnumerable<(string Key, string Text)> Stages(Recipe recipe)
    {
        for (var i = 0; i < recipe.Stages.Count; i++)
        {
            if (recipe.Stages[i].Epochs is null && i < recipe.Stages.Count - 1)
                yield return ($"stages.{i}.epochs", "found nothing, expected the epochs of the stage; only the last may leave them out");
            if (recipe.Stages[i].Schedule is { } schedule)
            {
                foreach (var (key, text) in Schedule($"stages.{i}.schedule", schedule, recipe.Stages[i].Epochs ?? recipe.Epochs))
                    yield return (key, text);
            }
        }

        var given = recipe.Stages.Sum(static stage => stage.Epochs ?? 0);
        if (recipe.Stages is [.., var last] && (last.Epochs is null ? given >= recipe.Epochs : given != recipe.Epochs))
            yield return ("stages", $"found {Counted.Of(given, "epoch")} in all{(last.Epochs is null ? " before the last stage" : "")}, expected {(last.Epochs is null ? "fewer than " : "")}the {recipe.Epochs} of the run; epochs says how many it has");
    }

    private static IEnumerable<(string Key, string Text)> Mixing(MixingSection? mixing)
    {
        if (mixing is { Mixup: 0, Cutmix: 0 })
            yield return ("mixing", "found neither mixup nor cutmix, expected one of them above 0; leave mixing out for none");
    }

    private static IEnumerable<(string Key, string Text)> Optimizer(OptimizerSection optimizer)
    {
        if (optimizer.Nesterov && (optimizer.Momentum <= 0 || optimizer.Dampening != 0))
            yield return ("optimizer.nesterov", "asks for a momentum above 0 and no dampening");
    }

    private static IEnumerable<(string Key, string Text)> Schedule(string path, ScheduleSection schedule, int epochs)
    {
        if (schedule.WarmupEpochs > 0 && schedule.WarmupSteps > 0)
            yield return ($"{path}.warmup_steps", "found beside warmup_epochs, expected one of the two");
        if (schedule.WarmupEpochs > epochs)
            yield return ($"{path}.warmup_epochs", string.Create(CultureInfo.InvariantCulture, $"found {schedule.WarmupEpochs}, expected at most the {Counted.Of(epochs, "epoch")} it is for"));
        if (schedule.Name == ScheduleKind.MultiStep && schedule.Milestones.Count == 0)
            yield return ($"{path}.milestones", "found none, expected the epochs at which the rate drops");
        if (schedule.Milestones.Zip(schedule.Milestones.Skip(1)).Any(static pair => pair.First >= pair.Second))
            yield return ($"{path}.milestones", "found epochs out of order, expected them rising");
    }

    private static IEnumerable<(string Key, string Text)> Preprocessing(PreprocessingSection? preprocessing)
    {
        if (preprocessing is null)
            yield break;
        var rule = RecipeShape.SnakeCase(preprocessing.SizeRule.ToString());
        foreach (var (key, property) in RecipeShape.Keys(typeof(PreprocessingSection)))
        {
            if (property.PropertyType == typeof(int?) && RecipeShape.Applies(property, preprocessing) && property.GetValue(preprocessing) is null)
                yield return ($"preprocessing.{key}", $"found nothing, expected the pixels that size_rule: {rule} asks for");
        }

        if (preprocessing.LongerSide < preprocessing.ShorterSide)
            yield return ("preprocessing.longer_side", $"found {preprocessing.LongerSide}, expected at least the shorter side, {preprocessing.ShorterSide}");
        if (preprocessing.Channels == ImageChannels.Unchanged)
        {
            yield return ("preprocessing.channels", "found 'unchanged', expected rgb, grey or rgbd");
            yield break;
        }

        var channels = preprocessing.Channels.Count();
        if (preprocessing.Mean.Take(3).FirstOrDefault(static value => value > 1) is > 1 and var mean)
            yield return ("preprocessing.mean", string.Create(CultureInfo.InvariantCulture, $"found {mean}, expected 0 to 1 for colour and grey"));
        if (preprocessing.BlueFirst && channels != 3)
            yield return ("preprocessing.blue_first", "found true, expected it for rgb alone");
        foreach (var (key, count) in new[] { ("mean", preprocessing.Mean.Count), ("std", preprocessing.Std.Count) })
        {
            if (count != channels)
                yield return ($"preprocessing.{key}", $"found {count} numbers, expected {channels} for {RecipeShape.SnakeCase(preprocessing.Channels.ToString())}");
        }
    }

    private static IEnumerable<(string Key, string Text)> Data(DataSection data)
    {
        if (data.Format is { } format && !DatasetFormatNames.All.Contains(format))
            yield return ("data.format", $"found '{format}', expected one of {string.Join(", ", DatasetFormatNames.All)}{NearestName.Suggest(format, DatasetFormatNames.All)}");
        foreach (var name in (data.Classes ?? []).GroupBy(static name => name, StringComparer.Ordinal).Where(static group => group.Count() > 1))
            yield return ("data.classes", $"found '{name.Key}' twice, expected every class once");
    }

    private static IEnumerable<(string Key, string Text)> Transforms(string pipeline, IReadOnlyList<TransformStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (Fault(steps[i], onlyFixed: pipeline == "eval") is { } fault)
                yield return ($"transforms.{pipeline}.{i}", fault);
        }
    }

    private static string? Fault(TransformStep step, bool onlyFixed)
    {
        try
        {
            var made = TransformBuilder.Create([step]).Augmentations[0];
            return onlyFixed && !made.IsFixed
                ? $"transform '{step.Name}' is drawn by chance, expected one that treats a picture the same every time, such as resize, letterbox or pad: evaluation and prediction must agree"
                : null;
        }
        catch (FoveaException e)
        {
            // The inner one lacks the place, which the caller puts before it.
            return (e.InnerException ?? e).Message;
        }
    }
}
