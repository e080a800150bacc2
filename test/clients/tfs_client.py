"""Asks a broker with the stubs of the package tensorflow-serving-api, unmodified: `tfs_client.py HOST:PORT`; one JSON line an answer.

The broker must serve `half` (versions 1 and 2, label stable at 1, float32 [4] -> its sum) and `digits` (64 floats -> label, probabilities).
"""
import json
import sys

import grpc
import numpy
from google.protobuf import json_format
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow.core.example import example_pb2
from tensorflow_serving.apis import (
    classification_pb2, get_model_metadata_pb2, get_model_status_pb2, inference_pb2, model_management_pb2, model_service_pb2_grpc, predict_pb2,
    prediction_service_pb2_grpc, regression_pb2,
)


def shape(*extents):
    return tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=extent) for extent in extents])


def content(array):
    """As tf.make_tensor_proto writes an array."""
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(*array.shape), tensor_content=array.astype("<f4").tobytes())


def values(array):
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(*array.shape), float_val=array.ravel().tolist())


def request(tensor, name="half", **spec):
    message = predict_pb2.PredictRequest(inputs={"input": tensor})
    message.model_spec.name = name
    if "version" in spec:
        message.model_spec.version.value = spec.pop("version")
    for key, value in spec.items():
        setattr(message.model_spec, key, value)
    return message


def example(**features):
    message = example_pb2.Example()
    for name, floats in features.items():
        message.features.feature[name].float_list.value.extend(floats)
    return message


def main(address):
    channel = grpc.insecure_channel(address)
    prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    rows = numpy.arange(8).reshape(2, 4)
    pixels = [float(i % 17) for i in range(64)]

    def say(title, ask, *args, **more):
        line = {"title": title}
        try:
            answer, call = ask.with_call(*args, timeout=10, **more)
            line["answer"] = json_format.MessageToDict(answer, preserving_proto_field_name=True)
            line["trailers"] = {key: value for key, value in call.trailing_metadata() if key.startswith("tradewind-")}
        except grpc.RpcError as error:
            line["status"] = error.code().name
            line["details"] = error.details()
        print(json.dumps(line, sort_keys=True), flush=True)

    say("content", prediction.Predict, request(content(rows)))
    say("values", prediction.Predict, request(values(rows)))
    say("repeated", prediction.Predict, request(tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(2, 4), float_val=[1, 2])))
    say("version", prediction.Predict, request(content(rows), version=1))
    say("label", prediction.Predict, request(content(rows), version_label="stable"))
    say("slo", prediction.Predict, request(content(rows)), metadata=[("tradewind-slo-ms", "5000")])
    say("probabilities", prediction.Predict, predict_pb2.PredictRequest(
        model_spec={"name": "digits", "signature_name": "serving_default"}, inputs={"image": content(numpy.array([pixels]))}, output_filter=["probabilities"]))
    say("app", prediction.Predict, predict_pb2.PredictRequest(model_spec={"name": "app1"}, inputs={"image": content(numpy.array([pixels]))}))

    regression = regression_pb2.RegressionRequest(model_spec={"name": "half"})
    regression.input.example_list.examples.extend([example(input=[1, 2, 3, 4]), example(input=[5, 6, 7, 8])])
    say("regress", prediction.Regress, regression)
    classification = classification_pb2.ClassificationRequest(model_spec={"name": "digits"})
    classification.input.example_list_with_context.examples.append(example())
    classification.input.example_list_with_context.context.CopyFrom(example(image=pixels))
    say("classify", prediction.Classify, classification)
    multi = inference_pb2.MultiInferenceRequest(input=regression.input)
    multi.tasks.add(model_spec={"name": "half"}, method_name="tensorflow/serving/regress")
    multi.tasks.add(model_spec={"name": "half", "signature_name": "regression"}, method_name="tensorflow/serving/regress")
    say("multi", prediction.MultiInference, multi)

    metadata = get_model_metadata_pb2.GetModelMetadataRequest(model_spec={"name": "half"}, metadata_field=["signature_def"])
    answer = prediction.GetModelMetadata(metadata, timeout=10)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    print(json.dumps({"title": "metadata", "answer": json_format.MessageToDict(signatures, preserving_proto_field_name=True)}, sort_keys=True), flush=True)
    say("status", models.GetModelStatus, get_model_status_pb2.GetModelStatusRequest(model_spec={"name": "half"}))
    say("status of one", models.GetModelStatus, get_model_status_pb2.GetModelStatusRequest(model_spec={"name": "half", "version": {"value": 2}}))

    say("unknown model", prediction.Predict, request(content(rows), name="nope"))
    say("unknown version", prediction.Predict, request(content(rows), version=9))
    say("unknown label", prediction.Predict, request(content(rows), version_label="nope"))
    say("unknown signature", prediction.Predict, request(content(rows), signature_name="nope"))
    say("no model", prediction.Predict, predict_pb2.PredictRequest())
    say("wrong dtype", prediction.Predict, request(tensor_pb2.TensorProto(dtype=types_pb2.DT_DOUBLE, tensor_shape=shape(2, 4))))
    say("wrong shape", prediction.Predict, request(content(numpy.zeros((2, 3)))))
    say("wrong bytes", prediction.Predict, request(tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(2, 4), tensor_content=b"123")))
    say("wrong input", prediction.Predict, predict_pb2.PredictRequest(model_spec={"name": "half"}, inputs={"y": content(rows)}))
    say("no rows", prediction.Predict, request(content(numpy.zeros((0, 4)))))
    say("too many rows", prediction.Predict, request(content(numpy.zeros((5000, 4)))))
    say("bomb", prediction.Predict, request(tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(1 << 40, 1 << 40), float_val=[1])))
    say("unknown output", prediction.Predict, predict_pb2.PredictRequest(model_spec={"name": "half"}, inputs={"input": content(rows)}, output_filter=["nope"]))
    say("classify a number", prediction.Classify, classification_pb2.ClassificationRequest(model_spec={"name": "half"}, input=regression.input))
    say("bad slo", prediction.Predict, request(content(rows)), metadata=[("tradewind-slo-ms", "fast")])
    say("unknown status", models.GetModelStatus, get_model_status_pb2.GetModelStatusRequest(model_spec={"name": "nope"}))

    reload = model_management_pb2.ReloadConfigRequest()
    for name, labels in (("half", {"stable": 2, "canary": 1}), ("digits", {})):
        model = reload.config.model_config_list.config.add(name=name, model_platform="tensorflow")
        model.version_labels.update(labels)
    say("reload", models.HandleReloadConfigRequest, reload)
    say("moved label", prediction.Predict, request(content(rows), version_label="canary"))
    reload.config.model_config_list.config.add(name="nope", base_path="/models/nope")
    say("reload of an unknown model", models.HandleReloadConfigRequest, reload)


main(sys.argv[1])
