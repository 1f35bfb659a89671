using Fovea.Tests;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Serialization;

[LeakCheck]
public sealed class StateDictTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-state-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public void A_network_saved_by_PyTorch_computes_the_same_here(string zip)
    {
        var path = Path.Combine(folder, "net.pth");
        var images = Enumerable.Range(0, 2 * 3 * 8 * 8).Select(i => MathF.Sin(i)).ToArray();
        var reference = PythonReference.Run($"""
            import torch
            from torch import nn
            net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(6, 5))
            net(torch.rand(4, 3, 8, 8)); net.eval()
            torch.save(net.to(memory_format=torch.channels_last).state_dict(), '{path}', _use_new_zipfile_serialization={zip})
            out['y'] = net(T(images).float())
            """, ("images", new NdArray(images, 2, 3, 8, 8)));
        foreach (var channelsLast in new[] { false, true })
        {
            using var scope = new TensorScope();
            using var net = Net();
            if (channelsLast)
                net.ToChannelsLast();
            var report = StateDict.Load(net, path);
            Assert.Equal(9, report.Loaded);
            Assert.Equal("loaded 9 tensors", report.ToString());
            net.Eval();
            var y = net.Forward(Tensor.FromArray(images, [2, 3, 8, 8])).ToArray<float>();
            var expected = reference.Floats("y");
            for (var i = 0; i < y.Length; i++)
                Assert.Equal(expected[i], y[i], 1e-5f);
            Assert.Equal(1, net.StateDict().Single(pair => pair.Key == "1.num_batches_tracked").Value.ToInt64());
        }
    }

    [Fact]
    public void Saved_and_loaded_again_every_bit_is_the_same_and_PyTorch_can_read_it()
    {
        using var scope = new TensorScope();
        using var net = Net();
        using var other = Net();
        net.ToChannelsLast();
        var path = Path.Combine(folder, "net.safetensors");
        StateDict.Save(path, net, new Dictionary<string, string> { ["epoch"] = "3" });
        StateDict.Load(other, path);
        foreach (var ((name, a), (_, b)) in net.StateDict().Zip(other.StateDict()))
            Assert.True(a.Equal(b), name);
        var reference = PythonReference.Run($"""
            import json, struct
            data = open('{path}', 'rb').read()
            n = struct.unpack('<Q', data[:8])[0]
            header = json.loads(data[8:8 + n])
            begin, end = header['0.weight']['data_offsets']
            out['w'] = np.frombuffer(data[8 + n + begin:8 + n + end], np.float32); out['epoch'] = header['__metadata__']['epoch']
            """);
        Assert.Equal(reference.Floats("w"), net.StateDict()[0].Value.ToArray<float>());
        Assert.Equal("3", reference.Text("epoch"));
    }

    [Fact]
    public void Everything_that_does_not_fit_is_in_one_message_and_nothing_was_changed()
    {
        using var scope = new TensorScope();
        using var net = Net();
        var before = net.StateDict()[0].Value.ToArray<float>();
        var path = Path.Combine(folder, "wrong.safetensors");
        var tensors = net.StateDict().Where(pair => pair.Key != "2.bias").Select(pair => pair.Key == "2.weight" ? new("2.weight", Tensor.Zeros([7, 6])) : pair)
            .Append(new("extra.weight", Tensor.Zeros([1]))).Select(pair => pair.Key == "0.weight" ? new("0.weight", Tensor.Zeros(pair.Value.Shape)) : pair);
        StateDict.Save(path, tensors);
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(net, path));
        Assert.Equal($"{path}: the weights do not fit Sequential: 1 missing: 2.bias; 1 unexpected: extra.weight; " +
            "1 of another shape or type: 2.weight (found Float32[7, 6], expected Float32[5, 6]); 7 tensors fit. " +
            "Give the model they were trained with, or load a part of them with a named reason.", error.Message);
        Assert.Equal(before, net.StateDict()[0].Value.ToArray<float>());

        var report = StateDict.Load(net, path, new PartialLoading("another number of classes", name => name.StartsWith("2.", StringComparison.Ordinal) || name.StartsWith("extra", StringComparison.Ordinal)));
        Assert.Equal((7, "2.weight 2.bias", "extra.weight"), (report.Loaded, string.Join(' ', report.Kept), string.Join(' ', report.Ignored)));
        Assert.Equal("loaded 7 tensors; another number of classes: 2 kept as initialised (2.weight, 2.bias), 1 of the file ignored (extra.weight)", report.ToString());
        Assert.All(net.StateDict()[0].Value.ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_weights_of_another_model_are_recognised()
    {
        using var scope = new TensorScope();
        using var net = Net();
        var path = Path.Combine(folder, "other.safetensors");
        StateDict.Save(path, [new("encoder.weight", Tensor.Zeros([1]))]);
        Assert.Contains("another model: its names are such as encoder.weight", Assert.Throws<FoveaException>(() => StateDict.Load(net, path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_precision_files_are_converted_and_old_files_may_lack_the_batch_counter()
    {
        var path = Path.Combine(folder, "half.pth");
        PythonReference.Run($"""
            import torch
            from torch import nn
            net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(6, 5)).half()
            sd = net.state_dict(); del sd['1.num_batches_tracked']; sd['1.weight'] = sd['1.weight'].bfloat16() * 3
            torch.save(sd, '{path}')
            """);
        using var scope = new TensorScope();
        using var net = Net();
        var report = StateDict.Load(net, path);
        Assert.Equal((8, 8), (report.Loaded, report.Converted.Count));
        Assert.Equal([3f, 3, 3, 3], net.StateDict().Single(pair => pair.Key == "1.weight").Value.ToArray<float>());

        // Halved one by one, the counter too.
        PythonReference.Run($"""
            import torch
            sd = torch.load('{path}'); sd['1.num_batches_tracked'] = torch.tensor(7.0).half()
            torch.save(sd, '{path}')
            """);
        StateDict.Load(net, path);
        Assert.Equal(7, net.StateDict().Single(pair => pair.Key == "1.num_batches_tracked").Value.ToInt64());
        StateDict.Save(Path.Combine(folder, "x.safetensors"), net.StateDict().Where(pair => !pair.Key.EndsWith("tracked", StringComparison.Ordinal)));
        Assert.Contains("num_batches_tracked", Assert.Throws<FoveaException>(() => StateDict.Load(net, Path.Combine(folder, "x.safetensors"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_read_as_tensors()
    {
        var path = Path.Combine(folder, "t.safetensors");
        Safetensors.Write(path, [new("image", TensorData.FromArray<float>([1, 2], 1, 2)), new("n", TensorData.FromArray<long>([5]))]);
        using var file = WeightsFile.Open(path);
        using var scope = new TensorScope();
        var tensors = StateDict.Read(file);
        Assert.Equal([1f, 2f], tensors["image"].ToArray<float>());
        Assert.Equal(5, tensors["n"].ToInt64());
        Assert.Equal(0, tensors["n"].Rank);
    }

    private static Sequential Net() => new(new Conv2d(3, 4, 3), new BatchNorm2d(4), new Linear(6, 5));
}
