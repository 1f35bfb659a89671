using System.CommandLine;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea forward MODEL</c>: runs the bare network on tensors of a file, to compare it with the reference.</summary>
internal static class ForwardCommand
{
    private const string InputName = "image";

    public static Command Create()
    {
        var name = new Argument<string>("MODEL") { Description = "A name that 'fovea models' lists." };
        var weights = new Option<string>("--weights") { Description = "Weights: safetensors, .pth, .pt or Darknet's .weights.", Required = true };
        var input = new Option<string>("--input") { Description = "Safetensors with 'image' [N, C, H, W] float32, as the reference model expects it.", Required = true };
        var output = new Option<string>("--output") { Description = "Safetensors to write the network's outputs to.", Required = true };
        var classes = new Option<int?>("--num-classes") { Description = "Class count as the reference counts (with background where it has one); told from the weights when not given." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var command = new Command("forward", "Run the bare network on tensors.\n\nExample: fovea forward resnet50 --weights resnet50.pth --input in.safetensors --output out.safetensors")
        {
            name, weights, input, output, classes, device,
        };
        command.SetAction(parsed => Run(ModelCatalog.Find(parsed.GetValue(name)!), parsed.GetValue(weights)!, parsed.GetValue(input)!, parsed.GetValue(output)!,
            parsed.GetValue(classes), parsed.GetValue(device)!));
        return command;
    }

    private static int Run(ModelEntry entry, string weights, string input, string output, int? classes, string deviceName)
    {
        using var scope = new TensorScope();
        using var inference = Autograd.NoGrad();
        var device = Device.Parse(deviceName);
        var images = ReadImages(input);
        using var model = WeightedModel.Load(entry, weights, classes, checked((int)images.Shape[1]));
        model.To(device);
        model.Eval();
        var outputs = model.Forward(images.To(device));
        StateDict.Save(output, outputs);
        foreach (var (key, value) in outputs)
            Console.Out.WriteLine($"{key}  {value.Dtype}{value.Shape}");
        return ExitCode.Done;
    }

    private static Tensor ReadImages(string path)
    {
        using var file = WeightsFile.Open(path);
        if (!file.Tensors.TryGetValue(InputName, out var data))
            throw new DataException(path, InputName, file.Tensors.Count == 0 ? "no tensors" : $"tensors named {string.Join(", ", file.Tensors.Keys.Take(5))}", $"a tensor named '{InputName}'");
        if (data.Dtype != Dtype.Float32 || data.Shape.Count != 4)
            throw new DataException(path, InputName, data.ToString(), "Float32 [N, C, H, W]");
        return StateDict.ToTensor(data);
    }
}
